// The part of the global WebAssembly that the core uses: neither TypeScript's library for es2024 nor the types of node declare it.
declare namespace WebAssembly {
  /** Says nothing of itself. */
  type Module = object;
  const Module: new (bytes: Uint8Array) => Module;

  class Instance {
    readonly exports: Readonly<Record<string, unknown>>;
    constructor(module: Module, imports?: Readonly<Record<string, Readonly<Record<string, unknown>>>>);
  }

  class Memory {
    readonly buffer: ArrayBuffer;
    constructor(descriptor: { readonly initial: number; readonly maximum?: number });
    /** By pages of 64 KiB; returns how many there were. Views on `buffer` become empty. */
    grow(pages: number): number;
  }

  class Global<Type extends 'i32' | 'f64'> {
    value: number;
    readonly type: Type;
  }
}
