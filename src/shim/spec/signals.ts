// Signals by name or number, as --stop-signal and an image's StopSignal give them.

/** Linux on all machines but mips, where no name has another number that matters: runtimes look names up themselves. */
const names: readonly string[] =
  'HUP INT QUIT ILL TRAP ABRT BUS FPE KILL USR1 SEGV USR2 PIPE ALRM TERM STKFLT CHLD CONT STOP TSTP TTIN TTOU URG XCPU XFSZ VTALRM PROF WINCH IO PWR SYS'.split(
    ' ',
  );
/** Second names, which not every runtime knows. */
const aliases: ReadonlyMap<string, string> = new Map([
  ['IOT', 'ABRT'],
  ['POLL', 'IO'],
  ['CLD', 'CHLD'],
]);
const firstRealTime = 34;
const lastRealTime = 64;

/** `SIGTERM`, or the number as text for a signal that has no name everywhere (`RTMIN+3` is 37). undefined: there is no such signal. */
export function parseSignal(text: string): string | undefined {
  if (/^\d{1,2}$/.test(text)) return Number(text) >= 1 && Number(text) <= lastRealTime ? String(Number(text)) : undefined;
  const given = text.toUpperCase().replace(/^SIG/, '');
  const name = aliases.get(given) ?? given;
  if (names.includes(name)) return `SIG${name}`;
  const match = /^RT(MIN|MAX)(?:([+-])(\d{1,2}))?$/.exec(name);
  if (match === null || (match[2] !== undefined && (match[1] === 'MIN') !== (match[2] === '+'))) return undefined;
  const offset = Number(match[3] ?? 0);
  const number = match[1] === 'MIN' ? firstRealTime + offset : lastRealTime - offset;
  return number >= firstRealTime && number <= lastRealTime ? String(number) : undefined;
}
