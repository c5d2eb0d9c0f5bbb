// The password of a URL: which are meant, which are a manual's, and which are neither.
import assert from 'node:assert/strict';
import { urlPassword } from '../../../src/rule/check/url-password.ts';

function verdict(user: string, secret: string, host: string) {
  const before = `proto://${user}:`;
  const text = `${before}${secret}@${host}/path`;
  return urlPassword({ secret, groups: {}, text, index: 0, start: before.length, end: before.length + secret.length, name: 'x' }, '');
}

const meant = `h7Gt${'Zk81x'}`;

describe('the password of a URL', () => {
  it('is kept whatever the scheme and host', () => {
    assert.deepEqual(verdict('bob', meant, 'db'), { keep: true });
    assert.deepEqual(verdict('', meant, 'cache.internal'), { keep: true });
    assert.deepEqual(verdict('postgres', 'postgres', 'db'), { keep: true });
  });

  it('is low when it is the word that manuals use, and the host is a real one', () => {
    assert.equal(verdict('user', 'password', 'git.company.io').severity, 'low');
    assert.equal(verdict('admin', 'secret1', 'example.com').keep, true);
  });

  it('is none on the hosts of manuals, in references, and in front of a port', () => {
    assert.equal(verdict('user', 'password', 'example.com').keep, false);
    assert.equal(verdict('user', 'password', 'localhost').keep, false);
    assert.equal(verdict('user', '${PASSWORD}', 'db').keep, false);
    assert.equal(verdict('host', '8000;admin', 'place').keep, false);
    assert.equal(verdict('a', 'b', 'host.net').keep, false, 'one letter');
    assert.equal(verdict('user', 'user', 'no_host').keep, false);
    assert.equal(verdict(meant, 'x-oauth-basic', 'github.com').keep, false, 'the user is the token');
  });
});
