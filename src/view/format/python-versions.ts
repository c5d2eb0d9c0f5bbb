// What differs between the versions of Python's compiled files: the header, the fields of a code object, the numbers of instructions.

export interface PythonForm {
  readonly headerSize: number;
  /** Numbers in front of the code, of four bytes each. */
  readonly counts: number;
  /** From 3.11 on names of variables of all kinds stand in one list, with their kinds behind it. */
  readonly hasLocalsPlus: boolean;
  /** From 3.11 on a qualified name, and tables at the end. */
  readonly hasQualifiedName: boolean;
  /** Undefined where instructions have no fixed size, or are not known. */
  readonly operations?: Operations;
}

export interface Operations {
  readonly extendedArg: number;
  readonly loadConst: number;
  readonly storeNames: readonly number[];
  readonly storeFast: number;
  readonly storeAttribute: number;
  readonly storeSubscript: number;
  readonly constKeyMap: number;
  readonly buildMap: number;
  readonly mapAdd: number;
  /** Takes the names of its last arguments from the stack. */
  readonly callWithNames?: number;
  /** Names the last arguments of the call that follows. */
  readonly keywordNames?: number;
  /** Take their arguments, and so many values below these. */
  readonly calls: Readonly<Record<number, number>>;
  /** Give one value for one, and one more where the lowest bit of their argument says so. */
  readonly loadAttribute: number;
  readonly isAttributeWide: boolean;
  /** Gives two values for one. */
  readonly loadMethod?: number;
  readonly loadGlobal: number;
  /** Whether the lowest bit of its argument says that one more value is pushed. */
  readonly isGlobalWide: boolean;
  readonly makeFunction: number;
  readonly setFunctionAttribute?: number;
  /** Push one value, and nothing is known of it. */
  readonly pushes: readonly number[];
  /** Change nothing on the stack. */
  readonly idle: readonly number[];
}

/** Python 3.6 to 3.12 agree in these. */
const wordCode: Operations = {
  extendedArg: 144,
  loadConst: 100,
  storeNames: [90, 97],
  storeFast: 125,
  storeAttribute: 95,
  storeSubscript: 60,
  constKeyMap: 156,
  buildMap: 105,
  mapAdd: 147,
  callWithNames: 141,
  calls: { 131: 1, 161: 2 },
  loadAttribute: 106,
  isAttributeWide: false,
  loadMethod: 160,
  loadGlobal: 116,
  isGlobalWide: false,
  makeFunction: 132,
  pushes: [101, 124, 136],
  idle: [9],
};
const { callWithNames: _call, ...wordCodeAlone } = wordCode;
const since311: Operations = {
  ...wordCodeAlone,
  keywordNames: 172,
  calls: { 171: 2 },
  isGlobalWide: true,
  pushes: [2, 101, 124, 137],
  idle: [0, 9, 166],
};
const { loadMethod: _method, ...withoutMethods } = since311;
const since312: Operations = { ...withoutMethods, isAttributeWide: true };
const since313: Operations = {
  extendedArg: 71,
  loadConst: 83,
  storeNames: [114, 113],
  storeFast: 110,
  storeAttribute: 108,
  storeSubscript: 39,
  constKeyMap: 46,
  buildMap: 48,
  mapAdd: 95,
  callWithNames: 57,
  calls: { 53: 2 },
  loadAttribute: 82,
  isAttributeWide: true,
  loadGlobal: 91,
  isGlobalWide: true,
  makeFunction: 26,
  setFunctionAttribute: 106,
  pushes: [34, 92, 85, 84],
  idle: [0, 30],
};

const recent = { headerSize: 16, counts: 5, hasLocalsPlus: true, hasQualifiedName: true } as const;
const lists = { hasLocalsPlus: false, hasQualifiedName: false } as const;

/** By the number that a file begins with (CPython, Include/internal/pycore_magic_number.h); undefined for one that no version has. */
export function pythonFormOf(magic: number): PythonForm | undefined {
  if (magic >= 62_000 && magic <= 62_300) return { headerSize: 8, counts: 4, ...lists };
  if (magic < 3000 || magic > 3999) return undefined;
  if (magic < 3190) return { headerSize: 8, counts: 5, ...lists };
  // Python 3.3 to 3.5 have no word code, 3.6 and 3.7 no count of positional arguments.
  if (magic < 3360) return { headerSize: 12, counts: 5, ...lists };
  if (magic < 3390) return { headerSize: 12, counts: 5, ...lists, operations: wordCode };
  if (magic < 3400) return { headerSize: 16, counts: 5, ...lists, operations: wordCode };
  if (magic < 3450) return { headerSize: 16, counts: 6, ...lists, operations: wordCode };
  if (magic < 3500) return { ...recent, operations: since311 };
  if (magic < 3550) return { ...recent, operations: since312 };
  return magic < 3600 ? { ...recent, operations: since313 } : recent;
}
