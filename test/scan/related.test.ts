// What is locked and what opens it, found in one image; and a file that both its name and its form tell.
import assert from 'node:assert/strict';
import { blobOf } from '../../src/model/blob.ts';
import { pathText } from '../../src/model/entry.ts';
import { defaultLimits } from '../../src/model/limits.ts';
import type { Severity } from '../../src/model/severity.ts';
import { Secret } from '../../src/model/secret.ts';
import { loadRuleset } from '../../src/rule/ruleset.ts';
import type { PlacedSighting } from '../../src/scan/assemble.ts';
import { relatedKeys } from '../../src/scan/related.ts';
import { scanLayer } from '../../src/scan/scan-layer.ts';
import * as planted from '../support/planted.ts';
import { file, tar } from '../support/raw-tar.ts';

function sighting(ruleId: string, path: string, severity: Severity = 'low'): PlacedSighting {
  const position = { line: 1, column: 1, endLine: 1, endColumn: 2, offset: 0, length: 1 };
  const detection = {
    ruleId,
    severity,
    confidence: 'high',
    secret: new Secret(ruleId),
    start: 0,
    end: 1,
    alsoRules: [],
    proved: ['before'],
  } as const;
  return {
    place: { kind: 'file', path, position },
    fate: { kind: 'visible' },
    alsoAt: [],
    detection,
    trace: { kind: 'layer', key: 'a', sighting: { origin: { kind: 'stray', what: 'x', offset: 0 }, detection, position } },
  };
}

const told = (placed: readonly PlacedSighting[]) => relatedKeys(placed).map(({ detection }) => [detection.severity, ...detection.proved]);

describe('what is locked in an image', () => {
  it('is high, and says what opens it, when that is in the image', () => {
    assert.deepEqual(
      told([sighting('rails-encrypted-credentials', '/a/credentials.yml.enc'), sighting('rails-master-key', '/b/master.key', 'high')]),
      [
        ['high', 'before', 'what opens it is in the image: /b/master.key'],
        ['high', 'before'],
      ],
    );
  });

  it('stays as it is without it, or with what opens something else', () => {
    const placed = [sighting('ansible-vault', '/a/all.yml'), sighting('rails-master-key', '/b/master.key')];
    assert.deepEqual(told(placed), [
      ['low', 'before'],
      ['low', 'before'],
    ]);
    assert.equal(relatedKeys(placed.slice(0, 1))[0], placed[0]);
  });

  it('is never lowered', () => {
    assert.equal(told([sighting('keepass-database', '/a.kdbx', 'critical'), sighting('keepass-key-file', '/a.keyx')])[0][0], 'critical');
  });

  it('must lie in one folder where names do not tell what belongs together', () => {
    const logins = sighting('firefox-logins', '/root/.mozilla/x/logins.json', 'medium');
    assert.equal(told([logins, sighting('nss-private-key', '/etc/dirsrv/key4.db')])[0][0], 'medium');
    assert.equal(told([logins, sighting('nss-private-key', '/root/.mozilla/x/key4.db')])[0][0], 'high');
  });
});

describe('a file that its name tells to be a secret, with a token in it', () => {
  it('is told once, by the form of the token', async () => {
    const ruleset = await loadRuleset({ enable: ['github-token', 'mounted-secret'] });
    const layer = tar(file('run/secrets/a', `${planted.githubToken('named')}\n`), file('run/secrets/b', planted.password('named')));
    const { sightings } = await scanLayer(blobOf(layer), { ruleset, limits: defaultLimits });
    const told = sightings.map(
      ({ detection, origin }) => `${origin.kind === 'body' ? pathText(origin.entry.path) : origin.kind} ${detection.ruleId}`,
    );
    assert.deepEqual(told.sort(), ['run/secrets/a github-token', 'run/secrets/b mounted-secret']);
  });
});
