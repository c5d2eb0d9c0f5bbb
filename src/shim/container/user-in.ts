// The user of a program in a container, by the names that the image's own files give.
import { readFileInRoot } from '../read-in-root.ts';
import { type ContainerUser, resolveUser } from '../spec/user.ts';

/** Files of users and groups are some kilobytes; an image may hold anything there. */
const mostBytes = 8 * 2 ** 20;

/** `user`: `user[:group]`, names or numbers. Throws UnbakeError as `resolveUser` and `readFileInRoot` do. */
export function userIn(rootfs: string, user: string): ContainerUser {
  return resolveUser(user, readFileInRoot(rootfs, 'etc/passwd', mostBytes), readFileInRoot(rootfs, 'etc/group', mostBytes));
}
