// Objects of git, loose and in packs, against what git itself says of them.
import assert from 'node:assert/strict';
import { appendFileSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { deflateSync, gzipSync } from 'node:zlib';
import { noise } from '../../support/hostile.ts';
import { randomNumbers } from '../../support/random.ts';
import { scratch } from '../../support/scratch.ts';
import { needs, tool } from '../../support/tool.ts';
import { blobObject, nameDelta, objectName, pack, packHead, repetition } from './raw-pack.ts';
import { rawZip } from './raw-zip.ts';
import { documentsOf, inChunks, walked } from './walked.ts';

const identity = {
  GIT_AUTHOR_NAME: 'a',
  GIT_AUTHOR_EMAIL: 'a@example.org',
  GIT_COMMITTER_NAME: 'a',
  GIT_COMMITTER_EMAIL: 'a@example.org',
  GIT_CONFIG_NOSYSTEM: '1',
  GIT_CONFIG_GLOBAL: '/dev/null',
  GIT_AUTHOR_DATE: '1700000000 +0000',
  GIT_COMMITTER_DATE: '1700000000 +0000',
};

function loose(type: string, content: Buffer | string): Buffer {
  const bytes = Buffer.from(content as Buffer);
  return Buffer.concat([Buffer.from(`${type} ${bytes.length}\0`), bytes]);
}

/** A delta that copies the whole of its base and adds a little. */
const addition = (baseSize: number, added: string, resultSize?: number) => repetition(baseSize, baseSize, 1, added, resultSize);

describe('a loose object of git', () => {
  it('is shown by its name, without its head', async () => {
    const name = objectName('blob', 'password=x\n');
    for (const level of [0, 1, 9]) {
      const stored = deflateSync(loose('blob', 'password=x\n'), { level });
      for (const blob of [stored, inChunks(stored, 1)])
        assert.deepEqual([...(await documentsOf(blob))], [[`git object ${name}`, Buffer.from('password=x\n')]]);
    }
  });

  it('of any size is shown whole', async () => {
    const content = Buffer.concat([noise(3_000_000), Buffer.alloc(2_000_000)]);
    const [[way, shown]] = [...(await documentsOf(deflateSync(loose('blob', content))))];
    assert.equal(way, `git object ${objectName('blob', content)}`);
    assert.ok(shown.equals(content));
    assert.equal([...(await documentsOf(deflateSync(loose('blob', ''))))][0][1].length, 0);
  });

  it('is walked into', async () => {
    const zip = rawZip({ members: [{ name: 'a', data: 'x' }] });
    assert.deepEqual(
      [...(await documentsOf(deflateSync(loose('blob', zip)))).keys()],
      [`git object ${objectName('blob', zip)}`, `git object ${objectName('blob', zip)} > a`],
    );
  });

  it('that is damaged is told, and shown as far as it goes', async () => {
    const stored = deflateSync(loose('blob', noise(10_000)));
    const { documents, told } = await walked(stored.subarray(0, 5000));
    assert.ok(noise(10_000).subarray(0, 4000).equals(documents.get('git object')!.subarray(0, 4000)));
    assert.deepEqual(
      told.map(({ reason }) => reason),
      ['damaged'],
    );
    const wrong = await walked(deflateSync(Buffer.concat([Buffer.from('blob 100\0'), Buffer.from('less than that')])));
    assert.deepEqual([...wrong.documents.values()].map(String), ['less than that']);
    assert.match(wrong.told[0].detail, /14 bytes and announces 100/);
  });

  it('that unfolds without end comes to one', async () => {
    const { told } = await walked(deflateSync(loose('blob', Buffer.alloc(50 * 2 ** 20))), { bytes: 2 ** 20 });
    assert.deepEqual(
      told.map(({ limit }) => limit),
      ['bytes'],
    );
  });
});

describe('a pack of git', () => {
  const files = scratch();
  let folder: string;
  const git = (...args: readonly string[]) => tool('git', args, { cwd: folder, env: identity });

  /** All objects of the repository as git gives them. */
  function objectsByGit(): Map<string, Buffer> {
    const names = git('cat-file', '--batch-all-objects', '--batch-check=%(objectname) %(objecttype)').split('\n');
    return new Map(
      names.map((line) => {
        const [name, type] = line.split(' ');
        writeFileSync(join(folder, '.out'), '');
        tool('sh', ['-c', `git cat-file ${type} ${name} > .out`], { cwd: folder, env: identity });
        return [`git object ${name}`, readFileSync(join(folder, '.out'))];
      }),
    );
  }

  function packs(): Buffer[] {
    const objects = join(folder, '.git/objects/pack');
    return readdirSync(objects)
      .filter((name) => name.endsWith('.pack'))
      .map((name) => readFileSync(join(objects, name)));
  }

  function assertSame(shown: ReadonlyMap<string, Buffer>, expected: ReadonlyMap<string, Buffer>): void {
    assert.deepEqual([...shown.keys()].sort(), [...expected.keys()].sort());
    for (const [way, bytes] of expected) assert.ok(shown.get(way)!.equals(bytes), way);
  }

  before(function () {
    needs(this, 'git');
    folder = files.newFolder();
    git('init', '-q', '.');
    git('config', 'gc.auto', '0');
    const random = randomNumbers(1);
    let lines = Array.from({ length: 400 }, (_, index) => `line ${index} ${random()}\n`);
    writeFileSync(join(folder, 'noise'), noise(200_000));
    for (let commit = 0; commit < 12; commit++) {
      lines = lines.map((line) => (random() < 0.02 ? `changed ${random()}\n` : line));
      writeFileSync(join(folder, 'text'), lines.join(''));
      appendFileSync(join(folder, 'log'), `commit ${commit}\n`);
      git('add', 'text', 'log', 'noise');
      git('commit', '-qm', `commit ${commit}`);
    }
    git('tag', '-a', '-m', 'of a version', 'v1');
  });

  it('holds the objects that git finds in it', async () => {
    git('repack', '-adfq', '--depth=50');
    const expected = objectsByGit();
    const [bytes, ...others] = packs();
    assert.deepEqual(others, []);
    assert.match(
      git(
        'verify-pack',
        '-v',
        ...readdirSync(join(folder, '.git/objects/pack'))
          .filter((name) => name.endsWith('.idx'))
          .map((name) => `.git/objects/pack/${name}`),
      ),
      /chain length = [5-9]/,
    );
    assertSame(await documentsOf(bytes), expected);
    assertSame(await documentsOf(inChunks(bytes, 1000)), expected);
  });

  it('may name its bases by their hash', async () => {
    git('-c', 'repack.useDeltaBaseOffset=false', 'repack', '-adfq');
    const expected = objectsByGit();
    const [bytes] = packs();
    assertSame(await documentsOf(bytes), expected);
  });

  it('made thick again has its bases at its end', async () => {
    const thin = join(folder, '.thin');
    tool('sh', ['-c', `printf 'HEAD\\n^HEAD~3\\n' | git pack-objects --revs --thin --stdout -q > .thin`], { cwd: folder, env: identity });
    const expected = objectsByGit();
    const whole = await documentsOf(packs()[0]);
    const { documents, told } = await walked(readFileSync(thin));
    // Without its bases it shows what its deltas add, and says so.
    assert.deepEqual(
      told.map(({ way, reason }) => [way, reason]),
      [['', 'missing']],
    );
    const added = [...documents].filter(([way]) => way.startsWith('git delta at byte '));
    assert.ok(added.length > 0);
    assert.ok(added.some(([, bytes]) => bytes.includes('changed ') || bytes.includes('commit 11')));
    for (const [way, bytes] of documents) if (!way.startsWith('git delta')) assert.ok(whole.get(way)!.equals(bytes));

    tool('sh', ['-c', 'git index-pack --stdin --fix-thin --keep < .thin > .kept'], { cwd: folder, env: identity });
    const kept = readFileSync(join(folder, '.kept'), 'utf8').trim().split('\t')[1];
    const thick = await documentsOf(readFileSync(join(folder, `.git/objects/pack/pack-${kept}.pack`)));
    for (const [way, bytes] of thick) assert.ok(expected.get(way)!.equals(bytes), way);
    assert.ok(thick.size > documents.size);
  });
});

describe('a pack built by hand', () => {
  const base = Buffer.from('the base\n'.repeat(20));
  const baseName = objectName('blob', base);
  const made = Buffer.concat([base, Buffer.from('TOKEN')]);
  const delta = addition(base.length, 'TOKEN');

  it('may hold a delta before its base, and deltas of deltas in any order', async () => {
    const more = Buffer.concat([made, Buffer.from('MORE')]);
    const second = nameDelta(objectName('blob', made), addition(made.length, 'MORE'));
    const first = nameDelta(baseName, delta);
    const expected = [base, made, more].map((content) => [`git object ${objectName('blob', content)}`, content.toString()]).sort();
    for (const order of [
      [second, first, blobObject(base)],
      [first, second, blobObject(base)],
      [second, blobObject(base), first],
      [blobObject(base), first, second],
    ])
      assert.deepEqual([...(await documentsOf(pack(order)))].map(([way, bytes]) => [way, bytes.toString()]).sort(), expected);
  });

  it('may wait along an offset for what waits for a name', async () => {
    const first = nameDelta(baseName, delta);
    const body = addition(made.length, 'MORE');
    // One byte of distance is enough: less than 128 bytes back.
    const second = Buffer.concat([packHead(6, body.length), Buffer.from([first.length]), deflateSync(body)]);
    assert.ok(first.length < 128);
    const documents = await documentsOf(pack([first, second, blobObject(base)]));
    assert.equal(
      documents
        .get(`git object ${objectName('blob', Buffer.concat([made, Buffer.from('MORE')]))}`)!
        .toString()
        .slice(-9),
      'TOKENMORE',
    );
  });

  it('without the base of a delta shows what the delta adds', async () => {
    const { documents, told } = await walked(pack([nameDelta(baseName, delta)]));
    assert.deepEqual([...documents], [['git delta at byte 12', Buffer.from('TOKEN')]]);
    assert.deepEqual(
      told.map(({ reason }) => reason),
      ['missing'],
    );
  });

  it('with a delta that does not fit its base is told', async () => {
    const wrong = [addition(base.length + 1, 'TOKEN'), addition(base.length, 'TOKEN', 5), Buffer.concat([delta, Buffer.from([0])]), Buffer.from([1])];
    for (const one of wrong) {
      const { documents, told } = await walked(pack([blobObject(base), nameDelta(baseName, one)]));
      assert.ok(documents.get(`git object ${baseName}`)!.equals(base));
      assert.deepEqual(
        told.map(({ reason }) => reason),
        ['damaged'],
      );
    }
  });

  it('with an object twice shows it once', async () => {
    assert.equal((await documentsOf(pack([blobObject(base), blobObject(base)]))).size, 1);
  });

  it('goes on behind the number of objects that it announces, and tells', async () => {
    const { documents, told } = await walked(pack([blobObject(base), blobObject(made)], 1));
    assert.equal(documents.size, 2);
    assert.match(told[0].detail, /announces 1 objects and has 2/);
  });

  it('that breaks off or is corrupt is shown up to there', async () => {
    const whole = pack([blobObject(base), blobObject(noise(10_000)), blobObject(made)]);
    for (const broken of [whole.subarray(0, 1000), Buffer.concat([whole.subarray(0, 100), Buffer.alloc(500, 0xff), whole.subarray(600)])]) {
      const { documents, told } = await walked(broken);
      assert.ok(documents.get(`git object ${baseName}`)!.equals(base));
      assert.ok(told.length > 0 && told.every(({ reason }) => reason === 'damaged'));
    }
    assert.equal((await walked(whole.subarray(0, 10))).told[0].reason, 'damaged');
  });

  it('passes objects in pieces that are too large to be held', async () => {
    const large = Buffer.concat([noise(20 * 2 ** 20), Buffer.alloc(20 * 2 ** 20)]);
    const onLarge = nameDelta(objectName('blob', large), addition(1000, 'TOKEN'));
    const { documents, told } = await walked(pack([onLarge, blobObject(large), onLarge, blobObject(base)]));
    assert.ok(documents.get(`git object ${objectName('blob', large)}`)!.equals(large));
    assert.ok(documents.get(`git object ${baseName}`)!.equals(base));
    assert.deepEqual(
      [...documents].filter(([way]) => way.startsWith('git delta')).map(([, bytes]) => bytes.toString()),
      ['TOKEN', 'TOKEN'],
    );
    assert.deepEqual(
      told.map(({ reason }) => reason),
      ['unsupported', 'unsupported'],
    );
  });

  it('makes bases again that did not fit in memory', async () => {
    // Between the base and its second delta pass more bytes than are held.
    const fillers = Array.from({ length: 4 }, (_, index) => Buffer.concat([Buffer.from(`${index}`), Buffer.alloc(25 * 2 ** 20)]));
    const chain = nameDelta(objectName('blob', made), addition(made.length, 'LATE'));
    const documents = await documentsOf(pack([blobObject(base), nameDelta(baseName, delta), ...fillers.map(blobObject), chain]));
    const late = Buffer.concat([made, Buffer.from('LATE')]);
    assert.ok(documents.get(`git object ${objectName('blob', late)}`)!.equals(late));
  });

  it('is walked into', async () => {
    const documents = await documentsOf(pack([blobObject(gzipSync('packed'))]));
    assert.deepEqual([...documents.keys()].map((way) => way.split(' > ').at(-1)).slice(1), ['gunzip']);
  });

  it('that unfolds without end comes to one', async () => {
    const { told } = await walked(pack([blobObject(Buffer.alloc(30 * 2 ** 20)), blobObject(made)]), { bytes: 2 ** 20 });
    assert.deepEqual(
      told.map(({ limit }) => limit),
      ['bytes'],
    );
    const many = await walked(pack(Array.from({ length: 50 }, (_, index) => blobObject(Buffer.from(`${index}`)))), { members: 10 });
    assert.equal(many.documents.size, 10);
    assert.deepEqual(
      many.told.map(({ limit }) => limit),
      ['members'],
    );
  });
});
