// Images that are written and read back: every form, what was there before, and what is left when something goes wrong.
import assert from 'node:assert/strict';
import { chmodSync, existsSync, mkdirSync, readFileSync, renameSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { type Blob, blobOf } from '../../src/model/blob.ts';
import type { Digest } from '../../src/model/digest.ts';
import { UnbakeError } from '../../src/model/error.ts';
import { defaultLimits } from '../../src/model/limits.ts';
import { parseReference } from '../../src/model/reference.ts';
import { openStore } from '../../src/store/open.ts';
import { type OutputContents, type OutputTarget, parseOutput, stageOutput } from '../../src/store/output.ts';
import { ociLayout, writeFolder } from '../support/forms.ts';
import { hex } from '../support/image.ts';
import { configsAt, contentsOf, imageMarked, namesIn } from '../support/output.ts';
import { scratch } from '../support/scratch.ts';

const image = imageMarked('one');
const contents = contentsOf(image);
const is = (code: string, words: RegExp) => (thrown: unknown) =>
  thrown instanceof UnbakeError && thrown.code === code && words.test(`${thrown.message} ${thrown.hint ?? ''}`);

/** Like the contents, read from a folder: blobs that have a path. */
async function contentsIn(folder: string, like: OutputContents): Promise<OutputContents> {
  const blobs = new Map<Digest, Blob>();
  for (const [digest] of like.blobs) {
    const path = join(folder, 'blobs/sha256', hex(digest));
    blobs.set(digest, { ...blobOf(readFileSync(path)), path });
  }
  return { ...like, blobs };
}

describe('stageOutput', () => {
  const files = scratch();
  const names = ['plain', 'two words', `it's "quoted"`, 'line\nend', '-rf', '$HOME', '*', ':@0', 'ü', 'n'.repeat(255)];

  for (const name of names) {
    for (const [kind, ending] of [
      ['docker-archive', '.tar'],
      ['oci-archive', '.tar.gz'],
      ['oci-archive', '.tar.zst'],
      ['oci', ''],
    ] as const) {
      it(`${kind} at ${JSON.stringify(name + ending).slice(0, 40)}: seen under its name only when it is whole, and nothing else is left`, async () => {
        const folder = files.newFolder();
        const path = join(folder, `${name.slice(0, 255 - ending.length)}${ending}`);
        const compression = ({ '.tar': 'none', '.tar.gz': 'gzip', '.tar.zst': 'zstd', '': 'none' } as const)[ending];
        const target: OutputTarget = kind === 'oci' ? { kind, path } : { kind, path, compression };
        const staged = await stageOutput(target, contents);
        assert.equal(existsSync(path), false);
        assert.equal(dirname(staged.reference), folder);
        assert.deepEqual(await configsAt(staged.reference), [image.config.digest]);
        await staged.commit();
        assert.deepEqual(namesIn(folder), [path.slice(folder.length + 1)]);
        assert.deepEqual(await configsAt(path), [image.config.digest]);
        await staged.discard();
        assert.deepEqual(await configsAt(path), [image.config.digest]);
      });
    }
  }

  it('a docker-archive names the same image to docker and to containerd', async () => {
    const path = join(files.newFolder(), 'out.tar');
    await (await stageOutput(parseOutput(path, 'docker-archive'), contents)).commit();
    const store = await openStore(parseReference(`docker-archive:${path}:app:1`), { platform: 'all', limits: defaultLimits });
    assert.deepEqual(store.notices, []);
    assert.deepEqual(
      store.images.map(({ tags, manifestDigest }) => [tags, manifestDigest]),
      [[['app:1'], image.manifest.digest]],
    );
    await store.close();
  });

  it('two images share what they have in common', async () => {
    const path = join(files.newFolder(), 'out.tar');
    const other = imageMarked('two', { tags: ['app:2'] });
    await (await stageOutput(parseOutput(path, 'docker-archive'), contentsOf(image, other))).commit();
    assert.deepEqual((await configsAt(path)).sort(), [image.config.digest, other.config.digest].sort());
  });

  it('discard leaves what was there, and a second commit is refused', async () => {
    const path = files.file(Buffer.from('old'), 'kept');
    const staged = await stageOutput({ kind: 'oci-archive', path, compression: 'none' }, contents);
    await staged.discard();
    await staged.discard();
    assert.equal(readFileSync(path, 'utf8'), 'old');
    assert.equal(existsSync(staged.reference), false);
    await assert.rejects(staged.commit(), is('io', /before/));
  });

  it('an archive in the place of its own source: read to the end, then replaced', async () => {
    const folder = files.newFolder();
    const path = join(folder, 'image.tar');
    await (await stageOutput(parseOutput(path, 'docker-archive'), contents)).commit();
    chmodSync(path, 0o640);
    const store = await openStore(parseReference(path), { platform: 'all', limits: defaultLimits });
    const next = contentsOf(imageMarked('cleaned'));
    const layer = store.images[0]!.layers[0]!;
    const blobs = new Map(next.blobs).set(layer.announced.digest!, layer.blob);
    await (await stageOutput(parseOutput(path, 'docker-archive'), { ...next, blobs }, { replaces: 'all' })).commit();
    await store.close();
    assert.deepEqual(await configsAt(path), [imageMarked('cleaned').config.digest]);
    assert.equal(statSync(path).mode & 0o777, 0o640, 'it keeps its mode');
    assert.deepEqual(namesIn(folder), ['image.tar']);
  });

  for (const kind of ['oci-archive', 'oci'] as const) {
    it(`${kind}: a blob that is not what it says is told by its name, nothing is written`, async () => {
      const folder = files.newFolder();
      const [digest] = [...contents.blobs.keys()];
      const blobs = new Map(contents.blobs).set(digest!, blobOf(Buffer.from('something else')));
      const target: OutputTarget = kind === 'oci' ? { kind, path: join(folder, 'out') } : { kind, path: join(folder, 'out'), compression: 'gzip' };
      await assert.rejects(stageOutput(target, { ...contents, blobs }), is('damaged', new RegExp(digest!)));
      assert.deepEqual(namesIn(folder), []);
    });

    it(`${kind}: stops when it is told to, nothing is written`, async () => {
      const folder = files.newFolder();
      const controller = new AbortController();
      const [digest] = [...contents.blobs.keys()];
      const endless: Blob = {
        size: 2 ** 40,
        async *open() {
          for (let count = 0; ; count++) {
            if (count === 20) controller.abort(new UnbakeError('interrupted', 'interrupted'));
            yield Buffer.alloc(1000);
          }
        },
      };
      const target: OutputTarget = kind === 'oci' ? { kind, path: join(folder, 'out') } : { kind, path: join(folder, 'out'), compression: 'none' };
      const blobs = new Map(contents.blobs).set(digest!, endless);
      await assert.rejects(stageOutput(target, { ...contents, blobs }, { signal: controller.signal }), is('interrupted', /./));
      assert.deepEqual(namesIn(folder), []);
    });
  }

  it('says what is wrong with the place', async () => {
    const folder = files.newFolder();
    writeFileSync(join(folder, 'file'), '');
    mkdirSync(join(folder, 'home'));
    writeFileSync(join(folder, 'home/letter'), 'dear');
    symlinkSync('circle', join(folder, 'circle'));
    const stage = (target: OutputTarget) => stageOutput(target, contents);
    const archiveAt = (path: string): OutputTarget => ({ kind: 'oci-archive', path: join(folder, path), compression: 'none' });
    await assert.rejects(stage(archiveAt('home')), is('usage', /home is a folder/));
    await assert.rejects(stage({ ...archiveAt(''), path: `${folder}/new/` } as OutputTarget), is('usage', /is a folder/));
    await assert.rejects(stage(archiveAt('no/such/out')), is('usage', /the folder \S+no\/such does not exist.*mkdir -p/));
    await assert.rejects(stage(archiveAt('file/out')), is('usage', /no folder/));
    await assert.rejects(stage(archiveAt('circle')), is('usage', /circle/));
    await assert.rejects(stage(archiveAt('n'.repeat(256))), is('io', /shorter/));
    await assert.rejects(stage({ kind: 'oci', path: join(folder, 'home') }), is('usage', /no OCI layout/));
    await assert.rejects(stage({ kind: 'oci', path: join(folder, 'file') }), is('usage', /is no folder/));
    assert.deepEqual(namesIn(folder), ['circle', 'file', 'home']);
    assert.deepEqual(namesIn(join(folder, 'home')), ['letter']);
  });
});

describe('a layout', () => {
  const files = scratch();

  it('links blobs that are files, keeps the index as it was given, and takes an empty folder', async () => {
    const [from, to] = [files.newFolder(), files.newFolder()];
    writeFolder(from, ociLayout(image));
    chmodSync(to, 0o750);
    const linked = await contentsIn(from, contents);
    const staged = await stageOutput({ kind: 'oci', path: to }, linked);
    await staged.commit();
    for (const [digest, { path }] of linked.blobs) {
      assert.equal(statSync(join(to, 'blobs/sha256', hex(digest))).ino, statSync(path!).ino, digest);
    }
    assert.ok(readFileSync(join(to, 'index.json')).equals(contents.index));
    assert.deepEqual(JSON.parse(readFileSync(join(to, 'oci-layout'), 'utf8')), { imageLayoutVersion: '1.0.0' });
    assert.equal(statSync(to).mode & 0o777, 0o750);
    assert.deepEqual(await configsAt(to), [image.config.digest]);
  });

  it('in the place of its own source: what the new image does not lead to is gone', async () => {
    const folder = files.newFolder();
    const path = join(folder, 'layout');
    writeFolder(path, ociLayout(image, imageMarked('other', { tags: ['app:2'] })));
    writeFileSync(join(path, 'manifest.json'), '[]');
    const cleaned = imageMarked('cleaned');
    const shared = image.layers[0]!.blob.digest;
    const next = contentsOf(cleaned);
    const own = join(path, 'blobs/sha256', hex(shared));
    const inode = statSync(own).ino;
    const blobs = new Map(next.blobs).set(shared as Digest, { ...blobOf(image.layers[0]!.blob.bytes), path: own });
    const staged = await stageOutput({ kind: 'oci', path }, { ...next, blobs }, { replaces: 'all' });
    assert.equal((await configsAt(path)).length, 2, 'the source is whole until commit');
    await staged.commit();
    assert.deepEqual(await configsAt(path), [cleaned.config.digest]);
    assert.deepEqual(namesIn(path), ['blobs', 'index.json', 'oci-layout']);
    assert.equal(statSync(own).ino, inode, 'the blob that stayed is the same file');
    assert.deepEqual(namesIn(folder), ['layout']);
  });

  it('through a symbolic link', async () => {
    const folder = files.newFolder();
    writeFolder(join(folder, 'real'), ociLayout(image));
    symlinkSync('real', join(folder, 'link'));
    const next = imageMarked('cleaned');
    await (await stageOutput({ kind: 'oci', path: join(folder, 'link') }, contentsOf(next), { replaces: 'all' })).commit();
    assert.deepEqual(namesIn(folder), ['link', 'real']);
    assert.deepEqual(await configsAt(join(folder, 'real')), [next.config.digest]);
  });

  it('with something else in its folder is not replaced', async () => {
    const path = files.newFolder();
    writeFolder(path, ociLayout(image));
    writeFileSync(join(path, 'notes.txt'), 'mine');
    await assert.rejects(stageOutput({ kind: 'oci', path }, contents, { replaces: 'all' }), is('usage', /notes\.txt/));
    assert.equal(readFileSync(join(path, 'notes.txt'), 'utf8'), 'mine');
  });

  it('that another program changed meanwhile is left as that program left it', async () => {
    const folder = files.newFolder();
    const path = join(folder, 'layout');
    writeFolder(path, ociLayout(image));
    const staged = await stageOutput({ kind: 'oci', path }, contentsOf(imageMarked('cleaned')), { replaces: 'all' });
    const later = imageMarked('later');
    writeFolder(path, ociLayout(image, later));
    await assert.rejects(staged.commit(), is('io', /changed by another program/));
    assert.equal((await configsAt(path)).length, 2);
    assert.deepEqual(namesIn(folder), ['layout']);
  });

  it('where a stranger puts something between staging and commit: the stranger keeps it', async () => {
    const folder = files.newFolder();
    const path = join(folder, 'layout');
    const staged = await stageOutput({ kind: 'oci', path }, contents);
    mkdirSync(path);
    writeFileSync(join(path, 'theirs'), '');
    await assert.rejects(staged.commit(), is('io', /something else/));
    assert.deepEqual([namesIn(folder), namesIn(path)], [['layout'], ['theirs']]);
  });

  it('that vanished between staging and commit is an error, and nothing is left', async () => {
    const folder = files.newFolder();
    const path = join(folder, 'layout');
    writeFolder(path, ociLayout(image));
    const staged = await stageOutput({ kind: 'oci', path }, contents, { replaces: 'all' });
    renameSync(path, join(folder, 'elsewhere'));
    await assert.rejects(staged.commit(), (thrown) => thrown instanceof UnbakeError);
    assert.deepEqual(namesIn(folder), ['elsewhere']);
  });
});
