// What `--security-opt` asks for, as far as it is a matter of this shim.
import { UnbakeError } from '../../model/error.ts';
import { printable } from '../../model/printable.ts';

export interface SecurityOptions {
  readonly noNewPrivileges: boolean;
  readonly seccomp: 'default' | 'unconfined';
}

/** The last of several counts. New privileges are refused unless `no-new-privileges=false`, where docker grants them. Throws UnbakeError `usage`. */
export function parseSecurityOptions(texts: readonly string[]): SecurityOptions {
  let options: SecurityOptions = { noNewPrivileges: true, seccomp: 'default' };
  for (const text of texts) {
    const [, name = '', value] = /^([^=:]*)(?:[=:](.*))?$/.exec(text) ?? [];
    if (name === 'no-new-privileges' && (value === undefined || value === 'true' || value === 'false')) {
      options = { ...options, noNewPrivileges: value !== 'false' };
    } else if (name === 'seccomp' && (value === 'unconfined' || value === 'default' || value === 'builtin')) {
      options = { ...options, seccomp: value === 'unconfined' ? 'unconfined' : 'default' };
    } else if (!(name === 'apparmor' && value === 'unconfined') && !(name === 'label' && value === 'disable')) {
      throw new UnbakeError('usage', `--security-opt ${printable(text)} is not known here`, {
        hint: 'give no-new-privileges=false or seccomp=unconfined; profiles from files, AppArmor and SELinux labels are not applied',
      });
    }
  }
  return options;
}
