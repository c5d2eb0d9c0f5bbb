// The passwords that manuals, tools and frameworks give to key stores: what one of them opens is not protected.

/** The likeliest first, since what costs much work is not tried with all. The empty one stands for no password as well. */
export const defaultPasswords = [
  'changeit',
  '',
  'password',
  'changeme',
  'notasecret',
  'secret',
  '123456',
  'android',
  'keystore',
  'test',
  'admin',
  'storepass',
  '12345678',
  'wso2carbon',
] as const;

/** For `proved`. These passwords are public, so they may be told. */
export function openedBy(password: string): string {
  return password === '' ? 'opened without a password' : `opened by the default password "${password}"`;
}
