// An image of an OCI layout at the gate, as `unbake run` brings it there from its local store. As a program, ARCHIVE FLAGS-AS-JSON: prints as
// JSON what the gate said and how often the image was opened.
import { type GateFlags, gate } from '../../src/cli/gate.ts';
import { UnbakeError } from '../../src/model/error.ts';
import type { Image, OpenedStore } from '../../src/model/image.ts';
import { defaultLimits } from '../../src/model/limits.ts';
import { parseReference } from '../../src/model/reference.ts';
import type { StoredImage } from '../../src/model/stored-image.ts';
import { openStore } from '../../src/store/open.ts';

export interface Gated {
  readonly notice?: string;
  readonly refusal?: string;
  readonly hint?: string;
  readonly code?: string;
  readonly opened: number;
}

const open = (reference: string): Promise<OpenedStore> => openStore(parseReference(reference), { platform: 'all', limits: defaultLimits });

/** `which`: the image that is to be started, of several. */
export async function gated(reference: string, flags: Partial<GateFlags> = {}, which = 0, version = '0.0.0'): Promise<Gated> {
  const store = await open(reference);
  const stored = storedImage(store.images[which]);
  await store.close();
  let opened = 0;
  const openAgain = async (): Promise<{ store: OpenedStore; image: Image }> => {
    opened++;
    const again = await open(reference);
    return { store: again, image: again.images[which] };
  };
  try {
    const { notice } = await gate(stored, openAgain, { scan: true, ...flags }, version, undefined);
    return { opened, ...(notice === undefined ? {} : { notice }) };
  } catch (thrown) {
    if (!(thrown instanceof UnbakeError)) throw thrown;
    return { opened, refusal: thrown.message, code: thrown.code, ...(thrown.hint === undefined ? {} : { hint: thrown.hint }) };
  }
}

function storedImage({ tags, manifestDigest, configDigest, layers }: Image): StoredImage {
  return {
    names: tags,
    manifestDigest: manifestDigest!,
    configDigest: configDigest!,
    size: layers.reduce((sum, { blob }) => sum + blob.size, 0),
    layers: layers.map(({ announced, blob, mediaType }) => ({ digest: announced.digest!, diffId: announced.diffId!, size: blob.size, mediaType })),
    sharedLayers: 0,
    loadedAt: '2024-01-01T00:00:00Z',
  };
}

if (process.argv[1] === import.meta.filename) {
  console.log(JSON.stringify(await gated(process.argv[2]!, JSON.parse(process.argv[3] ?? '{}') as GateFlags)));
}
