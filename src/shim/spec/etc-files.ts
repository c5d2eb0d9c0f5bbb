// The three files of /etc that say who a container is and whom it may ask. Of the machine's own they have the
// name servers with --network bridge and host, and with host its hosts.
import type { Network } from './request.ts';

/**
 * The container's name is its loopback address, with every network: published ports are relayed to there, so a program that listens at its own name is reached.
 * `hostText`: the machine's file, which counts with `--network host`; '' when there is none.
 */
export function hostsFile(hostname: string, network: Network, hostText = ''): string {
  if (network === 'host' && hostText !== '') return `${hostText.replace(/\n*$/, '')}\n127.0.0.1\t${hostname}\n`;
  return [
    `127.0.0.1\tlocalhost`,
    `::1\tlocalhost ip6-localhost ip6-loopback`,
    `fe00::\tip6-localnet`,
    `ff00::\tip6-mcastprefix`,
    `ff02::1\tip6-allnodes`,
    `ff02::2\tip6-allrouters`,
    `127.0.0.1\t${hostname}`,
    '',
  ].join('\n');
}

export function hostnameFile(hostname: string): string {
  return `${hostname}\n`;
}

/** `hostText`: the machine's resolv.conf. With `bridge` its name servers cannot be reached as they stand: slirp4netns asks them, at an address of its own. */
export function resolvConf(network: Network, hostText: string): string {
  switch (network) {
    case 'none':
      return '# This container has no network but its own loopback. Give it one with --network bridge or --network host.\n';
    case 'bridge':
      return ['nameserver 10.0.2.3', ...hostText.split('\n').filter((line) => /^(?:search|options|domain)[ \t]/.test(line)), ''].join('\n');
    case 'host':
      return hostText;
  }
}
