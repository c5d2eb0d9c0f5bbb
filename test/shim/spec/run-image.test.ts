// What the config of an image says about how it runs, read from JSON as it comes.
import assert from 'node:assert/strict';
import fc from 'fast-check';
import { UnbakeError } from '../../../src/model/error.ts';
import { parseJson } from '../../../src/model/json.ts';
import { defaultLimits } from '../../../src/model/limits.ts';
import { parseRunImage } from '../../../src/shim/spec/run-image.ts';
import { imageOf, jsonOf } from './configs.ts';

describe('the config of an image', () => {
  it('says all that a container needs', () => {
    const image = imageOf(
      {
        User: 'app:web',
        Env: ['PATH=/bin', 'A='],
        Entrypoint: ['/start'],
        Cmd: ['one', 'two'],
        WorkingDir: '/srv',
        Volumes: { '/data/': {}, '/data': {}, '/var/lib/../log': {} },
        ExposedPorts: { '8080/tcp': {}, '53/udp': {} },
        Labels: { maintainer: 'me', __proto__: 'x' },
        StopSignal: 'quit',
        Shell: ['/bin/bash', '-c'],
      },
      { architecture: 'arm', variant: 'v7', created: '2026-11-22T00:00:00Z', author: 'us' },
    );
    assert.deepEqual(
      { ...image, labels: Object.entries(image.labels) },
      {
        os: 'linux',
        architecture: 'arm',
        variant: 'v7',
        created: '2026-11-22T00:00:00Z',
        author: 'us',
        user: 'app:web',
        env: ['PATH=/bin', 'A='],
        entrypoint: ['/start'],
        cmd: ['one', 'two'],
        workingDir: '/srv',
        volumes: ['/data', '/var/log'],
        exposedPorts: ['8080/tcp', '53/udp'],
        labels: [['maintainer', 'me']],
        stopSignal: 'SIGQUIT',
        shell: ['/bin/bash', '-c'],
        oddities: [],
      },
    );
  });

  it('may say nothing: docker’s defaults hold', () => {
    for (const nothing of [
      {},
      { config: null },
      { config: {} },
      { config: { Env: null, Cmd: null, Volumes: null, Labels: null, Healthcheck: null } },
    ]) {
      const image = parseRunImage(jsonOf(nothing));
      assert.deepEqual(image, {
        os: '',
        architecture: '',
        user: '',
        env: [],
        entrypoint: [],
        cmd: [],
        workingDir: '',
        volumes: [],
        exposedPorts: [],
        labels: {},
        shell: ['/bin/sh', '-c'],
        oddities: [],
      });
    }
  });

  it('is read as Go reads it: the last of two keys, whatever their case', () => {
    const text = '{"Config": {"user": "first", "USER": "second", "Labels": {"__proto__": "kept"}}}';
    const image = parseRunImage(parseJson(Buffer.from(text), 'the config', defaultLimits));
    assert.equal(image.user, 'second');
    assert.deepEqual(Object.entries(image.labels), [['__proto__', 'kept']]);
  });

  it('takes one text for a command of one word, as docker does', () => {
    assert.deepEqual(imageOf({ Entrypoint: '/start', Cmd: 'all of it' }).entrypoint, ['/start']);
    assert.deepEqual(imageOf({ Cmd: 'all of it' }).cmd, ['all of it']);
  });

  it('is damaged where a type is wrong, and the field is named', () => {
    const wrong: readonly (readonly [object, RegExp])[] = [
      [{ config: [] }, /config\.config .* an object and is an array/],
      [{ os: 5 }, /config\.os .* a string and is a number/],
      [{ config: { User: 0 } }, /config\.config\.User .* a number/],
      [{ config: { Env: {} } }, /config\.config\.Env .* an array of strings and is an object/],
      [{ config: { Env: ['A=1', null] } }, /config\.config\.Env\[1\] .* null/],
      [{ config: { Env: ['A=1\0'] } }, /config\.config\.Env\[0\] .* zero byte/],
      [{ config: { Cmd: [['a']] } }, /config\.config\.Cmd\[0\] .* an array/],
      [{ config: { Shell: 'sh' } }, /config\.config\.Shell/],
      [{ config: { Volumes: ['/data'] } }, /config\.config\.Volumes .* an object/],
      [{ config: { Volumes: { '/x/..': {} } } }, /Volumes .* \/x\/\.\., which is the root/],
      [{ config: { ExposedPorts: true } }, /ExposedPorts .* a boolean/],
      [{ config: { Labels: { a: 1 } } }, /Labels\["a"\]/],
      [{ config: { Healthcheck: 'NONE' } }, /Healthcheck .* an object/],
      [{ config: { Healthcheck: { Test: 'NONE' } } }, /Healthcheck\.Test/],
      [{ config: { Healthcheck: { Interval: '30s' } } }, /Healthcheck\.Interval .* a number/],
      [{ config: { Healthcheck: { Retries: -1 } } }, /Healthcheck\.Retries/],
    ];
    for (const [config, message] of wrong) {
      assert.throws(() => parseRunImage(jsonOf(config)), { name: 'UnbakeError', code: 'damaged', message }, JSON.stringify(config));
    }
  });

  it('tells what is passed over, and never the text of a variable', () => {
    const image = imageOf({
      Env: ['=x', 'A=1', 'SOMETHING'],
      WorkingDir: 'srv',
      Volumes: { data: {} },
      StopSignal: 'SIGNOTHING',
      Healthcheck: { Test: ['SCRIPT', 'x'] },
    });
    assert.deepEqual(image.oddities, [
      'Healthcheck of the image, SCRIPT with 1 more, is not known: it is left out',
      'StopSignal SIGNOTHING of the image is not a signal: SIGTERM is taken',
      'Env[0] of the image has no name: it is left out',
      'Env[2] of the image has no value: it is left out',
      'WorkingDir srv of the image is not absolute: it is taken from the root',
      'volume data of the image is not absolute: it is taken from the root',
    ]);
    assert.deepEqual(image.volumes, ['/data']);
    assert.deepEqual([image.env, image.workingDir, image.stopSignal, image.healthcheck], [['A=1', 'SOMETHING'], '/srv', undefined, undefined]);
  });

  it('has a health check with docker’s defaults, its times turned into milliseconds', () => {
    const of = (Healthcheck: object) => imageOf({ Healthcheck }).healthcheck;
    const defaults = { interval: 30_000, timeout: 30_000, startPeriod: 0, startInterval: 5_000, retries: 3 };
    assert.deepEqual(of({ Test: ['CMD', 'true'] }), { test: ['CMD', 'true'], ...defaults });
    assert.deepEqual(of({ Test: ['CMD-SHELL', 'curl -f :80', 'ignored'] }), { test: ['CMD-SHELL', 'curl -f :80'], ...defaults });
    const given = { Interval: 5e9, Timeout: 1, StartPeriod: 1.5e9, StartInterval: 2e9, Retries: 9 };
    assert.deepEqual(of({ Test: ['CMD', 'a'], ...given }), {
      test: ['CMD', 'a'],
      interval: 5_000,
      timeout: 1,
      startPeriod: 1_500,
      startInterval: 2_000,
      retries: 9,
    });
    assert.equal(of({ Test: ['CMD', 'a'], Interval: 9e18 })?.interval, 2 ** 31 - 1, 'longer than a timer can wait');
    for (const Test of [['NONE'], []]) assert.equal(of({ Test }), undefined);
  });

  it('ends in an image or in an UnbakeError, whatever stands in it', () => {
    const names = fc.constantFrom(
      'Env',
      'Cmd',
      'Entrypoint',
      'Volumes',
      'Labels',
      'Healthcheck',
      'StopSignal',
      'WorkingDir',
      'Shell',
      'ExposedPorts',
      'User',
    );
    const health = fc.dictionary(
      fc.constantFrom('Test', 'Interval', 'Retries', 'Timeout'),
      fc.oneof(fc.array(fc.string()), fc.double(), fc.jsonValue()),
    );
    fc.assert(
      fc.property(
        fc.dictionary(names, fc.oneof(fc.jsonValue(), fc.array(fc.string()), fc.dictionary(fc.string(), fc.string()), health)),
        (config) => {
          try {
            imageOf(config);
          } catch (error) {
            assert.ok(error instanceof UnbakeError && error.code === 'damaged', String(error));
          }
        },
      ),
    );
  });
});
