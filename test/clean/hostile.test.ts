// Damaged and hostile images: cleaning ends in a sentence or in a proved result, never in a crash, and never with a value in the open.
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { clean } from '../../src/clean/clean.ts';
import { UnbakeError } from '../../src/model/error.ts';
import { archive, docker25Archive, layout, ociLayout } from '../support/forms.ts';
import { assemble, blob, descriptorOf, mediaTypes } from '../support/image.ts';
import { githubToken } from '../support/planted.ts';
import { randomNumbers } from '../support/random.ts';
import { end, file, gnuLongName, hardlink, header, pax, paxRaw } from '../support/raw-tar.ts';
import { scratch } from '../support/scratch.ts';
import { cleaned, cleanOptions } from './cleaning.ts';
import { randomImage } from './random-image.ts';

const token = githubToken('hostile');
const secret = `GITHUB_TOKEN=${token}\n`;

describe('cleaning what is damaged or hostile', () => {
  const place = scratch();

  /** Throws what is no sentence. */
  async function outcomeOf(source: string): Promise<'refused' | 'proved'> {
    try {
      const output = join(place.newFolder(), 'out.tar');
      const { report } = await clean(source, await cleanOptions({ output, allowUnread: true, selection: { only: ['info'] } }));
      assert.ok(report.proof!.checks.every(({ isPassed }) => isPassed));
      return 'proved';
    } catch (thrown) {
      assert.ok(thrown instanceof UnbakeError, thrown instanceof Error ? thrown.stack : String(thrown));
      assert.doesNotMatch(`${thrown.message} ${thrown.hint ?? ''}`, /ghp_\w{30}|npm_\w{30}|xoxb-\w/, 'an error with a value in it');
      return 'refused';
    }
  }

  it('survives bytes that are changed anywhere in the archive', async function () {
    this.timeout(120_000);
    const random = randomNumbers(3);
    const outcomes = { refused: 0, proved: 0 };
    for (let seed = 1; seed <= 120; seed++) {
      const { plan } = randomImage(seed % 12);
      const bytes = archive(docker25Archive(assemble(plan)));
      for (let count = 1 + Math.floor(random() * 4); count > 0; count--) bytes[Math.floor(random() * bytes.length)] ^= 1 << Math.floor(random() * 8);
      outcomes[await outcomeOf(place.file(bytes, `${seed % 4}.tar`))]++;
    }
    assert.ok(outcomes.proved > 0, JSON.stringify(outcomes));
  });

  it('survives layers that are cut off, overlap, lie about their sizes or link in circles', async () => {
    const layers: Readonly<Record<string, readonly Buffer[]>> = {
      'cut in a body': [file('a', secret.repeat(100)).subarray(0, 1000)],
      'cut in a header': [file('a', secret), file('b', secret).subarray(0, 100)],
      'a size beyond the end': [header({ name: 'a', size: 1e9 }), Buffer.from(secret)],
      'a size beyond all archives': [header({ name: 'a', size: 2n ** 70n }), Buffer.from(secret)],
      'a negative size': [header({ name: 'a', size: -5n }), Buffer.from(secret.padEnd(512))],
      'a PAX size of another entry': [pax([['size', '1']]), file('a', secret)],
      'PAX records that are broken': [paxRaw(Buffer.from(`99 comment=${token}`)), file('a', secret)],
      'links in a circle': [hardlink('a', 'b'), hardlink('b', 'a'), file('c', secret), hardlink('c', 'c')],
      'a link with a body': [
        file('a', secret),
        header({ name: 'b', linkName: 'a', type: '1', size: secret.length }),
        Buffer.from(secret.padEnd(512, '\0')),
        end(),
      ],
      'a long name that nothing follows': [file('a', 'x'), gnuLongName(token)],
      'no tar at all': [Buffer.from(secret.repeat(50))],
      nothing: [],
    };
    for (const [name, entries] of Object.entries(layers)) {
      const source = place.file(archive(docker25Archive(assemble({ layers: [{ entries, raw: true }, { entries: [file('z', secret)] }] }))));
      const outcome = await outcomeOf(source).catch((thrown: Error) => thrown);
      assert.ok(!(outcome instanceof Error), `${name}: ${outcome}`);
    }
  });

  it('shows no value in the plan, whatever carries it', async () => {
    const image = assemble({ tags: ['app:1'], layers: [{ entries: [file('a', secret)] }] });
    const about = { ...descriptorOf(image.manifest, mediaTypes.manifest) };
    const config = blob('{}');
    const referrer = blob({
      schemaVersion: 2,
      mediaType: mediaTypes.manifest,
      artifactType: `application/x.${token}`,
      config: descriptorOf(config, 'application/vnd.oci.empty.v1+json'),
      layers: [],
      subject: about,
    });
    const index = { schemaVersion: 2, mediaType: mediaTypes.index, manifests: [about, descriptorOf(referrer, mediaTypes.manifest)] };
    const members = layout(index, [...image.layers.map((layer) => layer.blob), image.config, image.manifest, config, referrer]);
    const { report } = await cleaned(place, members, { output: `oci-archive:${join(place.newFolder(), 'o.tar')}` });
    assert.equal(report.invalidated.length, 1);
    assert.ok(!JSON.stringify(report).includes(token));
    const named = assemble({
      tags: [`app:${token.slice(4)}`],
      layers: [{ entries: [file(token, secret), hardlink(`l-${token}`, token)] }],
      config: { Labels: { [token]: token } },
    });
    const { report: other } = await cleaned(place, ociLayout(named), { output: `oci-archive:${join(place.newFolder(), 'o.tar')}` });
    assert.ok(!JSON.stringify(other).includes(token));
  });
});
