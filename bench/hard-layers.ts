// Images of one gzip layer each that ask for more than others do: very many entries, text that is nothing but keywords of rules, zeros.
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { randomNumbers } from '../test/support/random.ts';
import { blockSize, end, file, header } from '../test/support/raw-tar.ts';
import { work } from './image.ts';
import { linkLayout, pack } from './layout.ts';

export interface HardImage {
  readonly folder: string;
  /** The path of its layer. */
  readonly layer: string;
  /** Of its tar. */
  readonly bytes: number;
}

export function emptyEntries(count: number): Promise<HardImage> {
  return imageOf(`entries-${count}`, function* () {
    for (let at = 0; at < count; at += 1000) {
      const folder = `srv/cache/${String(at / 1000).padStart(4, '0')}`;
      yield Buffer.concat(Array.from({ length: Math.min(1000, count - at) }, (_, index) => file(`${folder}/entry-${at + index}`, '')));
    }
  });
}

/** One text of keywords back to back, drawn with a fixed seed, with a line break behind every sixteenth. */
export function keywordText(keywords: readonly string[], bytes: number): Promise<HardImage> {
  const known = createHash('sha256').update(keywords.join('\n')).digest('hex').slice(0, 8);
  return imageOf(`hits-${known}-${bytes}`, () => fileOf('srv/keywords.txt', bytes, words(keywords)));
}

export function zeros(bytes: number): Promise<HardImage> {
  return imageOf(`zeros-${bytes}`, () =>
    fileOf(
      'srv/zeros',
      bytes,
      (function* () {
        for (const chunk = Buffer.alloc(2 ** 20); ;) yield chunk;
      })(),
    ),
  );
}

function* words(keywords: readonly string[]): Generator<Buffer> {
  const random = randomNumbers(20_240_104);
  const line = () => `${Array.from({ length: 16 }, () => keywords[Math.floor(random() * keywords.length)]).join('')}\n`;
  for (;;) yield Buffer.from(Array.from({ length: 1000 }, line).join(''), 'latin1');
}

/** An entry whose body is as much of the endless `content` as `bytes` says. */
function* fileOf(name: string, bytes: number, content: Iterable<Buffer>): Generator<Buffer> {
  yield header({ name, size: bytes });
  let left = bytes;
  for (const chunk of content) {
    yield chunk.subarray(0, left);
    left -= Math.min(left, chunk.length);
    if (left === 0) break;
  }
  yield Buffer.alloc((blockSize - (bytes % blockSize)) % blockSize);
}

async function imageOf(name: string, entries: () => Iterable<Buffer>): Promise<HardImage> {
  const description = join(work, `${name}.json`);
  if (existsSync(description)) return JSON.parse(readFileSync(description, 'utf8')) as HardImage;
  const blobs = join(work, `${name}-blobs`);
  mkdirSync(blobs, { recursive: true });
  const layer = await pack(
    (async function* () {
      yield* entries();
      yield end();
    })(),
    'gzip',
    blobs,
  );
  const { folder } = linkLayout(join(work, name), [{ ...layer, name }]);
  const image = { folder, layer: layer.path, bytes: layer.tarBytes };
  writeFileSync(description, JSON.stringify(image, undefined, 2));
  return image;
}
