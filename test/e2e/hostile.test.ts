// Archives that are broken: cut off, tampered with, badly compressed. What stands before the break is found, the break is named,
// and the program ends soon and calmly. The archives are built here.
import assert from 'node:assert/strict';
import { gzipSync, zstdCompressSync } from 'node:zlib';
import { compressed, gzipMember } from '../support/compressed.ts';
import { assertCalm, findingsOf, run } from '../support/cli.ts';
import { archive, type Member, ociLayout } from '../support/forms.ts';
import { assertFoundAndBroken, bulky, early, imageOf, late, lateToken, scanCalmly, token } from '../support/hostile.ts';
import { blob, hex, mediaTypes } from '../support/image.ts';
import { entry, file, tar } from '../support/raw-tar.ts';
import { scratch } from '../support/scratch.ts';

describe('broken archives', function () {
  this.timeout(60_000);
  const files = scratch();

  describe('that end too soon', () => {
    const whole = archive(ociLayout(imageOf()));
    const members = ociLayout(imageOf());
    const layerFirst = archive([
      ...members.filter((member) => member.name.startsWith('blobs')),
      ...members.filter((member) => !member.name.startsWith('blobs')),
    ]);

    it('in the middle of the layer', async () => {
      const told = await scanCalmly(files, whole.subarray(0, whole.indexOf(token) + 100_000));
      assert.ok(told.code === 1 || told.code === 3 || told.code === 4, String(told.code));
      if (told.report) assertFoundAndBroken(told);
    });
    it('anywhere: never calm silence', async () => {
      for (const share of [0.001, 0.01, 0.3, 0.9, 0.99]) {
        const told = await scanCalmly(files, whole.subarray(0, Math.floor(whole.length * share)));
        assert.ok([1, 3, 4].includes(told.code!), `${share}: exit code ${told.code}`);
      }
    });
    it('before the index', async () => {
      const told = await scanCalmly(files, layerFirst.subarray(0, layerFirst.length - 3000));
      assert.ok([1, 3, 4].includes(told.code!), `exit code ${told.code}`);
    });
    it('with the end marker missing only: nothing is lost', async () => {
      const { code, report } = await scanCalmly(files, whole.subarray(0, whole.length - 1024));
      assert.equal(code, 1);
      assert.notDeepEqual(findingsOf(report!, lateToken), []);
    });
    it('in a compressed whole', async () => {
      for (const how of ['gzip', 'zstd', 'xz', 'bzip2'] as const) {
        const cut = compressed(whole, how);
        const told = await scanCalmly(files, cut.subarray(0, Math.floor(cut.length * 0.9)));
        assert.ok([1, 3, 4].includes(told.code!), `${how}: exit code ${told.code}`);
      }
    });
    it('on standard input', async () => {
      const outcome = await run(['scan', '-', '-f', 'json'], { input: whole.subarray(0, 300_000) });
      assertCalm(outcome);
      assert.ok([1, 3, 4].includes(outcome.code!), String(outcome.code));
    });
  });

  describe('blobs that are not what they should be', () => {
    it('a wrong digest', async () => {
      const image = imageOf();
      const tampered = ociLayout(image).map((member): Member =>
        member.name.endsWith(hex(image.layers[0]!.blob.digest))
          ? { name: member.name, bytes: Buffer.concat([early, file('srv/tampered', 'x'), image.layers[0]!.blob.bytes.subarray(early.length + 1024)]) }
          : member,
      );
      const told = await scanCalmly(files, archive(tampered));
      assertFoundAndBroken(told, new RegExp(hex(image.layers[0]!.blob.digest).slice(0, 12)));
      assert.ok(told.report!.skipped.some((skipped) => skipped.reason === 'mismatch'));
    });
    it('a wrong size', async () => {
      for (const size of [10, 10_000_000]) {
        const told = await scanCalmly(files, archive(ociLayout(imageOf({ layers: [{ entries: [early], descriptor: { size } }] }))));
        assertFoundAndBroken(told);
        assert.deepEqual(
          told.report!.skipped.map((skipped) => skipped.reason),
          ['mismatch'],
        );
      }
    });
    it('a size that is no number, negative or past all bounds', async () => {
      for (const size of [-1, 1.5, 1e300, '12', null]) {
        const { code } = await scanCalmly(files, archive(ociLayout(imageOf({ layers: [{ entries: [early], descriptor: { size } }] }))));
        assert.ok(code === 1 || code === 3, `${size}: exit code ${code}`);
      }
    });
    it('a digest that is none', async () => {
      for (const digest of ['sha256:../../../etc/passwd', 'sha256:', 'md5:00', '', 7, 'sha256:' + 'Z'.repeat(64)]) {
        const told = await scanCalmly(
          files,
          archive(ociLayout(imageOf({ layers: [{ entries: [early] }, { entries: [late], descriptor: { digest } }] }))),
        );
        assert.ok([1, 3].includes(told.code!), `${digest}: exit code ${told.code}`);
        assert.doesNotMatch(told.stdout + told.stderr, /root:x:0/);
      }
    });
    it('a diffId that is not the one of the tar', async () => {
      const told = await scanCalmly(
        files,
        archive(ociLayout(imageOf({ layers: [{ entries: [early], compression: 'gzip', diffId: `sha256:${'0'.repeat(64)}` }] }))),
      );
      assert.notDeepEqual(findingsOf(told.report!, token), []);
      assert.notDeepEqual([...told.report!.skipped, ...told.report!.notices], []);
      assert.equal(told.code, 1);
    });
    it('fewer diffIds than layers', async () => {
      const told = await scanCalmly(
        files,
        archive(
          ociLayout(imageOf({ layers: [{ entries: [late] }, { entries: [early] }], configFile: { rootfs: { type: 'layers', diff_ids: [] } } })),
        ),
      );
      assert.notDeepEqual(findingsOf(told.report!, token), []);
      assert.equal(told.code, 1);
    });
    it('a blob that is missing', async () => {
      const image = imageOf({ layers: [{ entries: [early] }, { entries: [late] }] });
      const gone = hex(image.layers[1]!.blob.digest);
      const told = await scanCalmly(files, archive(ociLayout(image).filter((member) => !member.name.endsWith(gone))));
      assertFoundAndBroken(told, new RegExp(gone.slice(0, 12)));
      assert.deepEqual(
        told.report!.skipped.map((skipped) => skipped.reason),
        ['missing'],
      );
    });
    it('a config that is missing or no JSON', async () => {
      const image = imageOf();
      const config = hex(image.config.digest);
      assertFoundAndBroken(await scanCalmly(files, archive(ociLayout(image).filter((member) => !member.name.endsWith(config)))));
      const broken = ociLayout(image).map((member): Member =>
        member.name.endsWith(config) ? { name: member.name, bytes: Buffer.from('{"config": {"Env": [') } : member,
      );
      assertFoundAndBroken(await scanCalmly(files, archive(broken)));
    });
  });

  describe('broken compression', () => {
    const plain = tar(early, bulky, late);
    const layered = (bytes: Buffer): Buffer =>
      archive(
        ociLayout(
          imageOf({ layers: [{ entries: [], compression: () => bytes, diffId: blob(plain).digest, mediaType: `${mediaTypes.layer}+gzip` }] }),
        ),
      );

    it('a gzip with a broken middle: blob, entry and byte are named', async () => {
      const bytes = gzipSync(plain);
      bytes.fill(0xff, 200_000, 200_200);
      const told = await scanCalmly(files, layered(bytes));
      assertFoundAndBroken(told, new RegExp(blob(bytes).digest.slice(7, 19)));
      const text = told.report!.skipped.map((skipped) => `${skipped.place} ${skipped.detail}`).join('\n');
      assert.match(text, /bulky|entry \d+/);
      assert.match(text, /\d{3,}/, 'no byte offset');
    });
    it('a gzip that ends too soon', async () => {
      const bytes = gzipSync(plain);
      for (const end of [bytes.length - 4, bytes.length - 9, 200_000]) assertFoundAndBroken(await scanCalmly(files, layered(bytes.subarray(0, end))));
    });
    it('a gzip with a wrong checksum or length', async () => {
      for (const wrong of [{ crc: 1 }, { length: 1 }]) {
        const told = await scanCalmly(files, layered(gzipMember(plain, wrong)));
        assertFoundAndBroken(told);
        assert.notDeepEqual(findingsOf(told.report!, lateToken), []);
      }
    });
    it('a small gzip with a wrong checksum or length', async () => {
      const small = tar(early);
      for (const wrong of [{ crc: 1 }, { length: 1 }]) {
        const bytes = gzipMember(small, wrong);
        assertFoundAndBroken(
          await scanCalmly(files, archive(ociLayout(imageOf({ layers: [{ entries: [], compression: () => bytes, diffId: blob(small).digest }] })))),
        );
      }
    });
    it('a zstd that ends too soon', async () => {
      const bytes = zstdCompressSync(plain);
      for (const end of [bytes.length - 3, 300_000]) assertFoundAndBroken(await scanCalmly(files, layered(bytes.subarray(0, end))));
    });
    it('a zstd with a broken middle', async () => {
      const bytes = zstdCompressSync(plain);
      bytes.fill(0xff, bytes.length - 100_000, bytes.length - 99_000);
      const told = await scanCalmly(files, layered(bytes));
      assert.notDeepEqual(told.report!.skipped, []);
      assert.ok(told.code === 1 || told.code === 4);
    });
    it('a zstd with a second frame that is none', async () => {
      const bytes = Buffer.concat([zstdCompressSync(plain), Buffer.from([0x28, 0xb5, 0x2f, 0xfd, 0xff, 0xff, 0xff])]);
      const told = await scanCalmly(files, layered(bytes));
      assertFoundAndBroken(told);
      assert.notDeepEqual(findingsOf(told.report!, lateToken), []);
    });
    it('a layer that is only the beginning of a gzip header, and one of zero bytes', async () => {
      for (const bytes of [Buffer.from([0x1f, 0x8b, 8]), Buffer.alloc(0)]) {
        const { code } = await scanCalmly(files, layered(bytes));
        assert.ok(code === 4 || code === 0, String(code));
        if (bytes.length > 0) assert.equal(code, 4);
      }
    });
    it('a layer that is no tar', async () => {
      const bytes = Buffer.from(`#!/bin/sh\nexport T=${token}\n`.repeat(100));
      const told = await scanCalmly(files, archive(ociLayout(imageOf({ layers: [{ entries: [bytes], raw: true }] }))));
      assertFoundAndBroken(told);
    });
    it('a gzip bomb: a GiB of zeros in a MiB', async function () {
      this.timeout(120_000);
      const zeros = gzipSync(Buffer.alloc(64 << 20));
      const bomb = Buffer.concat([
        gzipSync(entry({ name: 'zeros', size: 1 << 30 })),
        ...Array.from({ length: 16 }, () => zeros),
        gzipSync(Buffer.alloc(1024)),
      ]);
      const { code } = await scanCalmly(
        files,
        archive(ociLayout(imageOf({ layers: [{ entries: [early] }, { entries: [], compression: () => bomb }] }))),
        30,
      );
      assert.equal(code, 1);
    });
  });
});
