// An image as one tar: an OCI layout, for docker with a manifest.json beside it (the form of `docker save` since version 25). What says
// where things are stands first. No clock, no owner: the same contents give the same bytes.
import { once } from 'node:events';
import { type Header, type Pack, pack as newPack } from 'tar-stream';
import { blobFolder, blobName, dockerManifestOf, layoutMark, type OutputContents, sortedBlobs } from './output-contents.ts';
import { verified } from './verified.ts';

/** Throws UnbakeError `damaged` at the blob that is not what its digest says. Memory: a chunk. */
export async function* archiveBytes(contents: OutputContents, form: 'docker-archive' | 'oci-archive'): AsyncGenerator<Uint8Array> {
  const pack = newPack();
  const stop = new AbortController();
  let failure: unknown;
  const filling = fill(pack, contents, form, stop.signal).catch((thrown: unknown) => {
    failure = thrown;
    pack.destroy();
  });
  try {
    yield* pack as AsyncIterable<unknown> as AsyncIterable<Uint8Array>;
  } catch (thrown) {
    throw failure ?? thrown;
  } finally {
    stop.abort();
    pack.destroy();
    await filling;
  }
  if (failure !== undefined) throw failure;
}

async function fill(pack: Pack, contents: OutputContents, form: 'docker-archive' | 'oci-archive', signal: AbortSignal): Promise<void> {
  await file(pack, 'oci-layout', layoutMark, signal);
  await file(pack, 'index.json', contents.index, signal);
  if (form === 'docker-archive') await file(pack, 'manifest.json', dockerManifestOf(contents), signal);
  const blobs = sortedBlobs(contents);
  for (const folder of new Set(['blobs', ...blobs.map(([digest]) => blobFolder(digest))])) {
    pack.entry({ ...plain, name: `${folder}/`, type: 'directory', mode: 0o755 });
  }
  for (const [digest, blob] of blobs) await member(pack, blobName(digest), blob.size, verified(digest, blob), signal);
  pack.finalize();
}

const plain = { mode: 0o644, uid: 0, gid: 0, mtime: new Date(0) } as const satisfies Partial<Header>;

function file(pack: Pack, name: string, content: Buffer | string, signal: AbortSignal): Promise<void> {
  const bytes = Buffer.from(content);
  return member(pack, name, bytes.length, [bytes], signal);
}

async function member(
  pack: Pack,
  name: string,
  size: number,
  chunks: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
  signal: AbortSignal,
): Promise<void> {
  const { promise: isPacked, resolve, reject } = Promise.withResolvers<void>();
  isPacked.catch(() => undefined);
  const sink = pack.entry({ ...plain, name, size, type: 'file' }, (error) => (error ? reject(error) : resolve()));
  for await (const chunk of chunks) {
    signal.throwIfAborted();
    if (!sink.write(chunk)) await once(sink, 'drain', { signal });
  }
  sink.end(undefined);
  await isPacked;
}
