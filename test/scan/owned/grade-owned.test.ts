// What a finding is worth in a file of a package: less, and it says why.
import assert from 'node:assert/strict';
import type { Detection } from '../../../src/model/rule.ts';
import { Secret } from '../../../src/model/secret.ts';
import { severities, type Severity } from '../../../src/model/severity.ts';
import type { Owner } from '../../../src/scan/owned/claim.ts';
import { gradeOwned } from '../../../src/scan/owned/grade-owned.ts';

const detection = (severity: Severity): Detection => ({
  ruleId: 'private-key',
  severity,
  confidence: 'high',
  secret: new Secret('value'),
  start: 0,
  end: 5,
  alsoRules: [],
  proved: ['unencrypted RSA key'],
});
const libc: Owner = { kind: 'dpkg', package: 'libc6 2.36-9', isProved: true };
const tunnel: Owner = { kind: 'npm', package: 'tunnel 0.0.6', isProved: false };

describe('gradeOwned', () => {
  it('an unchanged file is low, or info when it was low before, and is never hidden', () => {
    assert.deepEqual(
      severities.map((severity) => gradeOwned(detection(severity), 'usr/lib/x', libc).severity),
      ['info', 'info', 'low', 'low', 'low'],
    );
    assert.deepEqual(gradeOwned(detection('critical'), 'usr/lib/x', libc).proved, [
      'unencrypted RSA key',
      'unchanged file of Debian package libc6 2.36-9',
    ]);
  });

  it('a changed file stays as it is, wherever it lies', () => {
    const changed = detection('critical');
    assert.equal(gradeOwned(changed, 'usr/share/doc/x/examples/x', { ...libc, isProved: false }), changed);
  });

  it('a file of an npm package is one step lower among tests and examples only', () => {
    const at = (path: string) => gradeOwned(detection('critical'), path, tunnel);
    assert.equal(at('srv/node_modules/tunnel/test/keys/a.pem').severity, 'high');
    assert.deepEqual(
      at('srv/node_modules/tunnel/test/keys/a.pem').proved.at(-1),
      'file of npm package tunnel 0.0.6, as installed; its content is not checked',
    );
    assert.equal(at('srv/node_modules/tunnel/lib/keys/a.pem').severity, 'critical');
    assert.equal(at('srv/node_modules/tunnel/README.md').severity, 'high');
    // Folders above the package say nothing of it.
    assert.equal(at('srv/test/node_modules/tunnel/keys/a.pem').severity, 'critical');
    assert.equal(gradeOwned(detection('info'), 'node_modules/tunnel/docs/a', tunnel).severity, 'info');
  });
});
