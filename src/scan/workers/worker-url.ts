// Where the program of a thread is: the one place that knows how files lie beside each other.

/**
 * `worker.ts` beside this file when run from source, `worker.js` in `dist`. Where all is bundled into one file, this becomes the URL of a
 * `worker.js` beside that file, so the bundle needs `src/scan/workers/worker.ts` as a second entry with that name.
 */
export function workerUrl(): URL {
  return new URL(import.meta.url.endsWith('.ts') ? './worker.ts' : './worker.js', import.meta.url);
}
