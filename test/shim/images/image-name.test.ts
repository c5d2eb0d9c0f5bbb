import assert from 'node:assert/strict';
import fc from 'fast-check';
import { UnbakeError } from '../../../src/model/error.ts';
import { archiveName, familiarName, fullName, parseImageName } from '../../../src/shim/images/image-name.ts';

describe('the name of a stored image', () => {
  it('is the one that docker shows, with a tag', () => {
    const names: Readonly<Record<string, string>> = {
      app: 'app:latest',
      'app:1': 'app:1',
      'docker.io/library/app:1': 'app:1',
      'docker.io/team/app': 'team/app:latest',
      'index.docker.io/library/app': 'app:latest',
      'library/app:2': 'app:2',
      'localhost/app:1': 'localhost/app:1',
      'localhost:5000/team/app': 'localhost:5000/team/app:latest',
      'ghcr.io/a/b/c:v1.0_x-y': 'ghcr.io/a/b/c:v1.0_x-y',
    };
    for (const [typed, shown] of Object.entries(names)) assert.equal(familiarName(typed), shown, typed);
  });

  it('means the same image as its full name', () => {
    const part = fc.stringMatching(/^[a-z0-9]{1,6}(?:[._-][a-z0-9]{1,4})?$/);
    const host = fc.constantFrom('', 'docker.io/', 'docker.io/library/', 'ghcr.io/', 'localhost/', 'registry:5000/');
    fc.assert(
      fc.property(host, fc.array(part, { minLength: 1, maxLength: 3 }), fc.option(part), (prefix, parts, tag) => {
        const typed = `${prefix}${parts.join('/')}${tag === null ? '' : `:${tag}`}`;
        const shown = familiarName(typed);
        assert.ok(shown !== undefined, typed);
        assert.equal(familiarName(shown), shown);
        assert.equal(fullName(shown), fullName(typed));
      }),
    );
  });

  it('is none where no engine would take it', () => {
    const wrong = [
      '',
      ':',
      ':1',
      'App:1',
      'app:',
      'app:a b',
      '../app',
      'app/',
      '/app',
      'a//b',
      'app:1\n',
      'app@sha256:12',
      `app:${'1'.repeat(129)}`,
      'a'.repeat(400),
    ];
    for (const typed of wrong) assert.equal(familiarName(typed), undefined, JSON.stringify(typed));
    assert.throws(
      () => parseImageName('Ap\u001bp'),
      (thrown: UnbakeError) => thrown.code === 'usage' && !thrown.message.includes('\u001b'),
    );
  });

  it('answers any text soon', () => {
    fc.assert(fc.property(fc.string(), (text) => void familiarName(text)));
    for (const text of ['a-'.repeat(190), 'a'.repeat(383), `${'a.'.repeat(190)}:`]) familiarName(text);
  });

  it('is not made of the tag alone that a layout has', () => {
    assert.deepEqual(['1.0', 'latest', 'app'].map(archiveName), [undefined, undefined, undefined]);
    assert.deepEqual(['app:1', 'ghcr.io/app'].map(archiveName), ['app:1', 'ghcr.io/app:latest']);
  });
});
