// For reading a compressed stream once more: what stands beside it, and what is wrong with it, was told the first time.
import type { Aside } from './aside.ts';

export const silentAside: Aside = { stray: async () => undefined, damage: () => undefined, limit: () => undefined };
