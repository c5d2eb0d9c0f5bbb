// Where blobs stand in a repository, against what git itself says; and what strangers may write into trees and commits.
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { GitHistory, type ObjectType } from '../../../src/view/nested/nested.ts';
import { randomNumbers } from '../../support/random.ts';
import { scratch } from '../../support/scratch.ts';
import { needs, tool } from '../../support/tool.ts';
import { walkedApart } from './walked.ts';

interface Given {
  readonly id: string;
  readonly type: ObjectType;
  readonly content: Buffer;
}

function object(type: ObjectType, content: Buffer): Given {
  const id = createHash('sha1').update(`${type} ${content.length}\0`).update(content).digest('hex');
  return { id, type, content };
}

const blob = (text: string) => object('blob', Buffer.from(text));

function tree(entries: Readonly<Record<string, Given>>, mode = '100644'): Given {
  const parts = Object.entries(entries).map(([name, { id, type }]) =>
    Buffer.concat([Buffer.from(`${type === 'tree' ? '40000' : mode} ${name}\0`), Buffer.from(id, 'hex')]),
  );
  return object('tree', Buffer.concat(parts));
}

function commit(root: Given, time: number, message = 'm'): Given {
  return object(
    'commit',
    Buffer.from(`tree ${root.id}\nauthor a <a@b> 5 +0000\ncommitter a <a@b> ${time} +0000\n\n${message}\ncommitter x <x> 1 +0000\n`),
  );
}

function historyOf(objects: readonly Given[], limits = {}): GitHistory {
  const history = new GitHistory(limits);
  for (const { id, type, content } of objects) history.add({ id, type }, content);
  return history;
}

describe('a history of git', () => {
  const secret = blob('secret');
  const inner = tree({ '.env': secret });
  const root = tree({ config: inner, 'a.txt': blob('a') });
  const first = commit(root, 100);
  const second = commit(tree({ moved: inner }), 200);

  it('names the oldest commit that has a blob, and its path, whatever comes first', () => {
    const objects = [secret, inner, root, tree({ moved: inner }), first, second];
    for (const given of [objects, objects.toReversed(), [...objects, ...objects]])
      assert.deepEqual(historyOf(given).whereIs(secret.id), { commit: first.id, path: 'config/.env' });
  });

  it('names a path as soon as a tree has it, as much of it as is known', () => {
    const history = historyOf([]);
    assert.equal(history.nameOf(secret.id), undefined);
    history.add(inner, inner.content);
    assert.equal(history.nameOf(secret.id), '.env');
    history.add(root, root.content);
    assert.equal(history.nameOf(secret.id), 'config/.env');
    assert.equal(history.whereIs(secret.id), undefined);
    history.add(second, second.content);
    assert.equal(history.whereIs(secret.id), undefined);
    history.add(first, first.content);
    assert.deepEqual(history.whereIs(secret.id), { commit: first.id, path: 'config/.env' });
  });

  it('knows nothing of blobs in other repositories, and of submodules', () => {
    const submodule = tree({ sub: secret }, '160000');
    const history = historyOf([submodule, commit(submodule, 1)]);
    assert.equal(history.nameOf(secret.id), undefined);
    assert.equal(history.whereIs(secret.id), undefined);
  });

  it('gives names that can be printed', () => {
    const odd = tree({ 'a\nb\x1b': secret, größe: blob('g') });
    const history = historyOf([odd, commit(odd, 1)]);
    assert.equal(history.nameOf(secret.id), 'a\\nb\\x1b');
    assert.equal(history.whereIs(blob('g').id)?.path, 'größe');
  });

  it('says when there is more than it holds, and keeps what it has', () => {
    const many = Array.from({ length: 50 }, (_, index) => tree({ [`f${index}`]: blob(`${index}`) }));
    assert.equal(historyOf(many).problem, undefined);
    for (const limits of [{ treeBytes: 100 }, { entries: 5 }]) {
      const history = historyOf(many, limits);
      assert.equal(history.nameOf(blob('0').id), 'f0');
      assert.equal(history.nameOf(blob('49').id), undefined);
      assert.match(history.problem!, /git repository/);
    }
  });

  it('comes to an end with trees in a circle, and with very deep ones', () => {
    const a = { ...tree({ b: { ...inner, id: 'b'.repeat(40) } }), id: 'a'.repeat(40) };
    const b = { ...tree({ a, secret }), id: 'b'.repeat(40) };
    const circle = historyOf([a, b, commit(a, 1)]);
    assert.equal(circle.nameOf(secret.id), undefined);
    assert.equal(circle.whereIs(secret.id)?.path, 'b/secret');
    let deep = inner;
    const trees = [inner];
    for (let depth = 0; depth < 10_000; depth++) trees.push((deep = tree({ d: deep })));
    const history = historyOf([...trees, commit(deep, 1)]);
    assert.equal(history.whereIs(secret.id), undefined);
    assert.equal(history.nameOf(secret.id), undefined);
  });

  it('never throws, whatever stands in trees and commits', () => {
    const bytes = fc.oneof(
      fc.uint8Array({ maxLength: 200 }),
      fc.tuple(fc.constantFrom(root, inner, first), fc.nat(), fc.nat({ max: 255 })).map(([{ content }, at, value]) => {
        const changed = Buffer.from(content);
        changed[at % changed.length] = value;
        return changed;
      }),
    );
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.constantFrom<ObjectType>('tree', 'commit'), bytes)), (objects) => {
        const history = historyOf(objects.map(([type, content]) => object(type, Buffer.from(content))));
        history.add(first, first.content);
        history.add(root, root.content);
        history.nameOf(secret.id);
        history.whereIs(secret.id);
      }),
    );
  });
});

describe('a repository in a file', () => {
  const files = scratch();
  const identity = { GIT_AUTHOR_NAME: 'a', GIT_AUTHOR_EMAIL: 'a@example.org', GIT_COMMITTER_NAME: 'a', GIT_COMMITTER_EMAIL: 'a@example.org' };
  let folder: string;
  let clock = 1_700_000_000;
  const git = (...args: readonly string[]) => {
    const date = `${clock} +0000`;
    const env = { ...identity, GIT_CONFIG_NOSYSTEM: '1', GIT_CONFIG_GLOBAL: '/dev/null', GIT_AUTHOR_DATE: date, GIT_COMMITTER_DATE: date };
    return tool('git', args, { cwd: folder, env });
  };

  before(function () {
    needs(this, 'git');
    folder = files.newFolder();
    git('init', '-q', '.');
    git('config', 'gc.auto', '0');
    const random = randomNumbers(3);
    for (let index = 0; index < 15; index++) {
      clock += 1000;
      const directory = join(folder, `d${Math.floor(random() * 3)}`, `e${Math.floor(random() * 3)}`);
      mkdirSync(directory, { recursive: true });
      writeFileSync(join(directory, `f${Math.floor(random() * 4)}`), `content ${index}\n`);
      if (index === 7) git('checkout', '-q', '-b', 'side', 'HEAD~2');
      git('add', '-A');
      git('commit', '-q', '-m', `message ${index}`);
    }
    git('tag', '-a', '-m', 'message of a tag', 'v1');
    rmSync(join(folder, 'd0'), { recursive: true, force: true });
  });

  /** All objects as `readNested` shows them, of loose files and packs. */
  async function objects(): Promise<Given[]> {
    const stored = readdirSync(join(folder, '.git/objects'), { recursive: true, encoding: 'utf8' }).filter((name) =>
      /^(?:[0-9a-f]{2}\/[0-9a-f]{38}|pack\/.*\.pack)$/.test(name),
    );
    const given: Given[] = [];
    for (const name of stored) {
      const { documents, descriptions, told } = await walkedApart(readFileSync(join(folder, '.git/objects', name)), {}, name);
      assert.deepEqual(told, []);
      for (const { way, git: known } of descriptions) given.push({ ...known!, content: documents.get(way)! });
    }
    return given;
  }

  /** By blob: the oldest commit that has it and a path that it has there, by git. */
  function expected(): Map<string, { commit: string; paths: string[] }> {
    const places = new Map<string, { commit: string; paths: string[] }>();
    const byAge = git('rev-list', '--all', '--timestamp').split('\n').sort();
    for (const line of byAge) {
      const id = line.split(' ')[1];
      for (const entry of git('ls-tree', '-r', id).split('\n')) {
        const [, , name, path] = /^(\S+) blob (\S+)\t(.*)$/.exec(entry)!;
        const known = places.get(name);
        if (known === undefined) places.set(name, { commit: id, paths: [path] });
        else if (known.commit === id) known.paths.push(path);
      }
    }
    return places;
  }

  async function assertAsGitSays(): Promise<void> {
    const given = await objects();
    assert.deepEqual([...new Set(given.map(({ type }) => type))].sort(), ['blob', 'commit', 'tag', 'tree']);
    const texts = given.map(({ content }) => content.toString('latin1'));
    assert.ok(texts.some((text) => text.includes('message 3')) && texts.some((text) => text.includes('message of a tag')));
    const history = historyOf(given);
    const places = expected();
    assert.equal(places.size, given.filter(({ type }) => type === 'blob').length);
    for (const [id, { commit: oldest, paths }] of places) {
      const found = history.whereIs(id);
      assert.equal(found?.commit, oldest);
      assert.ok(paths.includes(found.path), found.path);
      assert.ok(history.nameOf(id)?.split('/').length === 3);
    }
  }

  it('of loose objects is known as git knows it', async () => {
    await assertAsGitSays();
  });

  it('of packed objects is known as git knows it', async () => {
    git('repack', '-adfq', '--depth=50');
    git('prune-packed');
    await assertAsGitSays();
  });
});
