// `node tend.ts CONFIG.json`: the process beside a running container. It logs the output, relays published ports, checks the health. It may be
// killed at any time: the supervisor starts it again, and what it needs is in files and inherited descriptors. Exit 0: the container has ended.
import { Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { LogWriter } from './log-writer.ts';
import { patternsOf } from './masked-bytes.ts';
import { OutputPump } from './output-pump.ts';
import { preciseTime } from './precise-time.ts';
import { readTendConfig } from './tend-config.ts';

/** After the end of the container, outputs that gave nothing in so many looks, 20 ms apart, are taken to be read. */
const quietLooks = 10;
const lookInterval = 20;

const config = readTendConfig(process.argv[2] ?? '');
process.title = `unbake-tend ${config.name}`;
// A terminal's ^C and hang-up are meant for the command line and the container.
for (const ignored of ['SIGHUP', 'SIGINT', 'SIGPIPE'] as const) process.on(ignored, () => {});

const patterns = patternsOf(config.masked.map((value) => Buffer.from(value, 'base64')));
const log = new LogWriter(config.logFile);
const pumps = (['stdout', 'stderr'] as const).flatMap((stream) => {
  const fd = config[`${stream}Fd`];
  return fd === undefined ? [] : [new OutputPump({ fd, stream, attachedFd: config.attach[`${stream}Fd`], patterns, log })];
});
const tell = (sentence: string): void => log.write([{ stream: 'stderr', time: preciseTime(), bytes: Buffer.from(`unbake: ${sentence}\n`) }]);

process.on('exit', flush);
process.on('SIGTERM', () => {
  // An exit would wait for a write to a stopped terminal, a kill does not.
  if (!pumps.some(({ isWaiting }) => isWaiting)) process.exit(1);
  flush();
  process.kill(process.pid, 'SIGKILL');
});

const life = new Socket({ fd: config.lifeFd, readable: true, writable: false });
const over = new AbortController();
life.on('error', () => over.abort());
life.on('end', () => over.abort());
life.resume();
over.signal.addEventListener('abort', () => void drain());

// Loaded when needed: they cost time and memory.
const { relayTcp } = config.listeners.some(({ protocol }) => protocol === 'tcp') ? await import('./relay-tcp.ts') : {};
const { relayUdp } = config.listeners.some(({ protocol }) => protocol === 'udp') ? await import('./relay-udp.ts') : {};
for (const { fd, protocol, family = 'IPv4', containerPort } of config.listeners) {
  if (protocol === 'tcp') relayTcp?.(fd, containerPort, tell);
  else relayUdp?.({ fd, family, containerPort, tell });
}
if (config.health !== undefined) {
  const { watchHealth } = await import('./health.ts');
  void watchHealth(config.health, patterns, over.signal);
}

function flush(): void {
  for (const pump of pumps) pump.flush();
  log.end();
}

/** Looks are counted, not time: a slow disk stops the clock of neither. An attached reader that is slow is waited for, its pipe is all it has. */
async function drain(): Promise<void> {
  let before = -1;
  for (let quiet = 0; quiet < quietLooks && !pumps.every(({ hasEnded }) => hasEnded);) {
    const read = pumps.reduce((sum, { bytesRead }) => sum + bytesRead, 0);
    quiet = read === before && !pumps.some(({ isWaiting }) => isWaiting) ? quiet + 1 : 0;
    before = read;
    await sleep(lookInterval);
  }
  process.exit(0);
}
