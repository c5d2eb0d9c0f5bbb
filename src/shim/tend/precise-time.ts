// The time of day in microseconds. The clock of the day counts milliseconds only; a steady clock beside it gives the rest.
const tolerated = 10;
let offset = Date.now() - performance.now();

/** Now, as RFC 3339 with microseconds, UTC: `2026-11-22T03:51:42.695821Z`. Follows a clock that was set or slept, within 10 ms. */
export function preciseTime(): string {
  const wall = Date.now();
  let now = offset + performance.now();
  if (Math.abs(now - wall) > tolerated) {
    offset = wall - performance.now();
    now = wall;
  }
  const microseconds = Math.floor((now % 1) * 1000);
  return `${new Date(now).toISOString().slice(0, -1)}${String(microseconds).padStart(3, '0')}Z`;
}
