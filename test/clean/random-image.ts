// Images that nobody would build, from a seed: entries of every kind over several layers, and secrets wherever bytes can stand.
import { gzipSync } from 'node:zlib';
import { gzipMember } from '../support/compressed.ts';
import type { ImagePlan, LayerPlan } from '../support/image.ts';
import { awsKeyId, githubToken, jwt, npmToken, password, privateKey, slackToken, stripeKey } from '../support/planted.ts';
import { randomNumbers } from '../support/random.ts';
import { directory, end, file, gnuLongName, gnuSparse, hardlink, opaque, pax, symlink, tar, whiteout } from '../support/raw-tar.ts';

export interface RandomImage {
  readonly plan: ImagePlan;
  /** Every secret that was put somewhere, as it is. */
  readonly secrets: readonly string[];
}

const names = ['app', 'etc', 'srv', 'key', 'conf.yml', '.env', 'a b', 'ü', 'lib', 'x'] as const;

export function randomImage(seed: number): RandomImage {
  return new Building(seed).image();
}

class Building {
  readonly #random: () => number;
  readonly #secrets: string[] = [];
  readonly #seed: number;

  constructor(seed: number) {
    this.#seed = seed;
    this.#random = randomNumbers(seed * 7919 + 1);
  }

  image(): RandomImage {
    const layers = Array.from({ length: 1 + this.#below(4) }, (_, index) => this.#layer(index));
    const variables = ['PATH=/usr/bin', ...this.#some(2, () => `API_TOKEN_${this.#below(9)}=${this.#secret()}`), 'HOME=/root'];
    const labels = Object.fromEntries(
      this.#some(3, () => [
        `label.${this.#below(99)}`,
        this.#pick([() => this.#secret(), () => JSON.stringify({ token: this.#secret() }), () => 'plain'])(),
      ]),
    );
    const plan: ImagePlan = {
      tags: [`image-${this.#seed}:1`],
      layers,
      config: {
        Env: variables,
        Labels: labels,
        Cmd: ['sh', '-c', this.#chance(0.1) ? `curl -H "Authorization: token ${this.#secret()}" http://x` : 'true'],
      },
      emptyLayers: this.#some(1, () => ({ before: this.#below(layers.length + 1), createdBy: `ENV GITHUB_TOKEN=${this.#secret()}` })),
      ...(this.#chance(0.1) && { configFile: { author: `me <${this.#secret()}>` } }),
      ...(this.#chance(0.1) && { annotations: { note: this.#secret() } }),
    };
    return { plan, secrets: this.#secrets };
  }

  #layer(index: number): LayerPlan {
    const paths: string[] = [];
    const entries = Array.from({ length: this.#below(9) }, () => this.#entry(paths));
    const layer = this.#below(4);
    const createdBy = this.#chance(0.1) ? `RUN export T=${this.#secret()} && make` : `COPY ${index} /`;
    if (layer === 0) {
      const behind = this.#chance(0.3) ? [Buffer.from(`behind the end ${this.#secret()}\n`.padEnd(512, '\0'))] : [];
      return { entries: [...entries, end(), ...behind], raw: true, createdBy };
    }
    if (layer === 1 && this.#chance(0.3)) {
      const comment = this.#secret();
      return { entries, compression: (bytes) => gzipMember(bytes, { comment }), mediaType: gzipType, createdBy };
    }
    return { entries, compression: layer === 3 ? 'zstd' : layer === 2 ? 'gzip' : 'none', createdBy };
  }

  /** Distinct paths within one layer, as image-spec demands. */
  #entry(paths: string[]): Buffer {
    const path = this.#newPath(paths);
    const mode = { mode: this.#pick([0o644, 0o600, 0o755]), uid: this.#below(3), mtime: 1_600_000_000 + this.#below(999) };
    switch (this.#below(12)) {
      case 0:
        return directory(path, mode);
      case 1:
        return symlink(path, this.#chance(0.1) ? `/run/${this.#secret()}` : '/etc/passwd', mode);
      case 2: {
        const target = paths.at(-2);
        return target === undefined
          ? directory(path, mode)
          : Buffer.concat([file(`${path}.body`, this.#text(), mode), hardlink(path, `${path}.body`, mode)]);
      }
      case 3:
        return this.#chance(0.7) ? whiteout(path) : opaque(path);
      case 4:
        return Buffer.concat([pax([['SCHILY.xattr.user.note', this.#chance(0.3) ? this.#secret() : 'note']]), file(path, this.#text(), mode)]);
      case 5: {
        const long = `${path}/${'long'.repeat(30)}-${this.#chance(0.3) ? this.#secret() : 'name'}`;
        return Buffer.concat([gnuLongName(long), file(long.slice(0, 99), this.#text(), { ...mode, magic: 'gnu' })]);
      }
      case 6:
        return file(path, Buffer.concat([Buffer.from([0, 1, 2, 255]), Buffer.from(this.#text()), Buffer.alloc(9)]), mode);
      case 7:
        return file(path, gzipSync(this.#text()), mode);
      case 8:
        return file(path, gzipSync(tar(file('inner/one', this.#text()), file('inner/two', 'nothing'))), mode);
      case 9: {
        const data = Buffer.from(this.#text().padEnd(600));
        return gnuSparse(
          path,
          [
            { offset: 1024, data: data.subarray(0, 512) },
            { offset: 4096, data: data.subarray(512) },
          ],
          9000,
        );
      }
      case 10: {
        const bytes = file(path, 'short', mode);
        if (this.#chance(0.4)) bytes.write(` ${this.#secret()}`, 600);
        return bytes;
      }
      default:
        return file(path, this.#text(), mode);
    }
  }

  #newPath(paths: string[]): string {
    const parts = () => Array.from({ length: 1 + this.#below(3) }, () => this.#pick(names));
    let path = parts().join('/');
    while (paths.includes(path)) path = `${path}${this.#below(10)}`;
    paths.push(path);
    return path;
  }

  #text(): string {
    const lines = Array.from({ length: this.#below(6) }, () =>
      this.#pick([
        () => 'nothing to see here',
        () => `GITHUB_TOKEN=${this.#secret()}`,
        () => JSON.stringify({ password: this.#secret(), other: 'value "quoted"' }),
        () => Buffer.from(`token=${this.#again()}; more`).toString('base64'),
        () => encodeURIComponent(`${this.#again()}/&`),
        () => Buffer.from(this.#again()).toString('hex'),
        () => this.#again(),
      ])(),
    );
    return `${lines.join('\n')}\n`;
  }

  #secret(): string {
    const seed = `${this.#seed} ${this.#below(12)}`;
    const value = this.#pick([githubToken, npmToken, slackToken, stripeKey, jwt, awsKeyId, password, (each: string) => privateKey('ed25519', each)])(
      seed,
    );
    const secret = value.includes('\n') ? githubToken(seed) : value;
    this.#secrets.push(secret);
    return secret;
  }

  /** One that stands somewhere already, so that the copy is found by its value. */
  #again(): string {
    return this.#secrets.length > 0 ? this.#pick(this.#secrets) : 'none yet';
  }

  #some<T>(atMost: number, make: () => T): T[] {
    return Array.from({ length: this.#below(atMost + 1) }, make);
  }

  #pick<T>(items: readonly T[]): T {
    return items[this.#below(items.length)];
  }

  #below(limit: number): number {
    return Math.floor(this.#random() * limit);
  }

  #chance(share: number): boolean {
    return this.#random() < share;
  }
}

const gzipType = 'application/vnd.oci.image.layer.v1.tar+gzip';
