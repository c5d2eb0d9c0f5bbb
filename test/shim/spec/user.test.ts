// Users and groups of an image, looked up in its own files.
import assert from 'node:assert/strict';
import fc from 'fast-check';
import { UnbakeError } from '../../../src/model/error.ts';
import { resolveUser } from '../../../src/shim/spec/user.ts';

const passwd = Buffer.from(
  [
    '# a comment is no line of it',
    'root:x:0:0:root:/root:/bin/sh',
    'app:x:1000:1001:The App:/srv/app:/bin/sh',
    'app:x:2000:2000:another of that name:/elsewhere:/bin/sh',
    'twin:x:1000:3000::/twin:/bin/sh',
    '4242:x:7:8:called like a number:/n:/bin/sh',
    'broken:x:no:no::/:/bin/sh',
    'short:x:50',
    '  spaced:x:60:61::/sp:/bin/sh  \r',
    '',
  ].join('\n'),
);
const group = Buffer.from('root:x:0:\nweb:x:80:app,other\nlog:x:81:other, app,app\nsame:x:1001:app\nweb:x:99:\nbad:x:x:app\nspaced:x:61:\n');

describe('the user of a container', () => {
  const found = (spec: string) => {
    const { uid, gid, additionalGids, home } = resolveUser(spec, passwd, group);
    return [uid, gid, additionalGids, home];
  };

  it('is looked up as docker does', () => {
    const table: Readonly<Record<string, readonly unknown[]>> = {
      '': [0, 0, [0], '/root'],
      root: [0, 0, [0], '/root'],
      app: [1000, 1001, [1001, 80, 81], '/srv/app'],
      'app:': [1000, 1001, [1001, 80, 81], '/srv/app'],
      1000: [1000, 1001, [1001, 80, 81], '/srv/app'],
      2000: [2000, 2000, [2000, 80, 81, 1001], '/elsewhere'],
      twin: [1000, 3000, [3000], '/twin'],
      1234: [1234, 0, [0], '/'],
      4242: [4242, 0, [0], '/'],
      7: [7, 8, [8], '/n'],
      'app:web': [1000, 80, [80], '/srv/app'],
      'app:7777': [1000, 7777, [7777], '/srv/app'],
      '1234:web': [1234, 80, [80], '/'],
      ':web': [0, 80, [80], '/root'],
      spaced: [60, 61, [61], '/sp'],
      '2147483647': [2147483647, 0, [0], '/'],
    };
    for (const [spec, expected] of Object.entries(table)) assert.deepEqual(found(spec), expected, `of ${spec}`);
  });

  it('must be in the files when it has a name', () => {
    assert.throws(() => found('nobody'), { code: 'not-found', message: /^user nobody is not in \/etc\/passwd of the image$/ });
    assert.throws(() => found('app:nobody'), { code: 'not-found', message: /^group nobody is not in \/etc\/group of the image$/ });
    assert.throws(() => resolveUser('app', undefined, undefined), { code: 'not-found' });
    assert.deepEqual(resolveUser('5:6', undefined, undefined), { uid: 5, gid: 6, additionalGids: [6], home: '/' });
  });

  it('is never root because a line is broken', () => {
    for (const spec of ['broken', 'short']) assert.throws(() => found(spec), { code: 'not-found' });
  });

  it('has a number that the kernel knows', () => {
    for (const spec of ['2147483648', '-1', '99999999999999999999', '0:2147483648', 'app:-2'])
      assert.throws(() => found(spec), { code: 'usage' }, spec);
  });

  it('is compared byte by byte, and its home read as UTF-8', () => {
    const file = Buffer.from('zoë:x:5:6::/häuser/zoë:/bin/sh\n');
    assert.deepEqual(resolveUser('zoë', file, undefined), { uid: 5, gid: 6, additionalGids: [6], home: '/häuser/zoë' });
    const odd = Buffer.concat([Buffer.from('x:x:5:6::/a'), Buffer.from([0]), Buffer.from('b:/bin/sh\n')]);
    assert.equal(resolveUser('x', odd, undefined).home, '/');
  });

  it('ends in numbers that fit or in an UnbakeError, whatever the files hold', () => {
    const bytes = fc.oneof(
      fc.uint8Array().map((data) => Buffer.from(data)),
      fc
        .array(fc.array(fc.constantFrom('a', '0', '1', '-1', '', '99999999999', 'a,b')).map((parts) => parts.join(':')))
        .map((lines) => Buffer.from(lines.join('\n'))),
    );
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.constantFrom('a', '0', '1:a', 'a:0')), bytes, bytes, (spec, passwd, group) => {
        try {
          const { uid, gid, additionalGids } = resolveUser(spec, passwd, group);
          for (const id of [uid, gid, ...additionalGids]) assert.ok(Number.isInteger(id) && id >= 0 && id < 2 ** 32 - 1);
        } catch (error) {
          assert.ok(error instanceof UnbakeError, String(error));
        }
      }),
    );
  });
});
