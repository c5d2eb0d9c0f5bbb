// Bytecode of Python, followed as far as it takes to see which name a constant is given to: variables, attributes and items,
// dictionaries, named arguments, defaults of parameters, and calls like `get("NAME", "value")`.
import { type PythonCode, type PythonValue, textOf } from './marshal.ts';
import type { Operations } from './python-versions.ts';

export interface Pair {
  readonly name: string;
  readonly value: string;
}

/** No function of source needs more: what is deeper was made to be. */
const highestStack = 4096;
const plainKey = /^[\w.-]{1,80}$/;

/** Steps that may still be taken in a file: its code objects may share code, and instructions name lists of any length. */
export interface StepBudget {
  left: number;
}

/** Each pair takes memory. */
const pairCost = 100;

/** Pairs in the order of the code; nothing is run. Ends where the budget does. */
export function pythonPairs(code: PythonCode, operations: Operations, budget: StepBudget): readonly Pair[] {
  const following = new Following(code, operations, budget);
  let argument = 0;
  for (let at = 0; at + 1 < code.code.length && budget.left-- > 0; at += 2) {
    argument = (argument % 2 ** 24) * 256 + code.code[at + 1];
    if (code.code[at] === operations.extendedArg) continue;
    following.step(code.code[at], argument);
    argument = 0;
  }
  return following.pairs;
}

class Following {
  readonly pairs: Pair[] = [];
  readonly #code: PythonCode;
  readonly #operations: Operations;
  readonly #budget: StepBudget;
  /** Values that are not known are undefined. */
  #stack: PythonValue[] = [];

  constructor(code: PythonCode, operations: Operations, budget: StepBudget) {
    this.#budget = budget;
    this.#code = code;
    this.#operations = operations;
  }

  step(operation: number, argument: number): void {
    const operations = this.#operations;
    const { constants, names, variables } = this.#code;
    if (operations.idle.includes(operation)) return;
    if (operation === operations.loadConst) this.#push(constants[argument]);
    else if (operations.pushes.includes(operation)) this.#push(undefined);
    else if (operations.storeNames.includes(operation)) this.#give(names[argument], this.#stack.pop());
    else if (operation === operations.storeFast) this.#give(variables[argument], this.#stack.pop());
    else if (operation === operations.storeAttribute) this.#give(names[argument], this.#taken(2)[0]);
    else if (operation === operations.storeSubscript) {
      const [value, , key] = this.#taken(3);
      this.#giveTo(key, value);
    } else if (operation === operations.mapAdd) this.#giveTo(...(this.#taken(2) as [PythonValue, PythonValue]));
    else if (operation === operations.constKeyMap) this.#named(this.#stack.pop(), argument, true);
    else if (operation === operations.callWithNames) this.#named(this.#stack.pop(), argument + 1, true);
    else if (operation === operations.keywordNames) this.#named(constants[argument], 0, false);
    else if (operation === operations.buildMap) this.#map(argument);
    else if (operations.calls[operation] !== undefined) this.#call(argument, operations.calls[operation]);
    else if (operation === operations.loadGlobal) this.#pushUnknown(operations.isGlobalWide && argument % 2 === 1 ? 2 : 1);
    else if (operation === operations.loadAttribute) this.#replace(operations.isAttributeWide && argument % 2 === 1 ? 2 : 1);
    else if (operation === operations.loadMethod) this.#replace(2);
    else if (operation === operations.makeFunction) this.#function(argument);
    else if (operation === operations.setFunctionAttribute) {
      const [attribute, made] = this.#taken(2);
      if (argument === 1) this.#defaults(attribute, made);
      this.#push(made);
    } else this.#forget();
  }

  #push(value: PythonValue): void {
    if (this.#stack.length < highestStack) this.#stack.push(value);
    else this.#stack = [];
  }

  #pushUnknown(count: number): void {
    for (let i = 0; i < count; i++) this.#push(undefined);
  }

  #replace(count: number): void {
    this.#stack.pop();
    this.#pushUnknown(count);
  }

  /** Whatever an instruction does that is not known here, one value is what nearly all expressions leave. */
  #forget(): void {
    this.#stack = [undefined];
  }

  /** The topmost values, the lowest first; what is not there is undefined. */
  #taken(count: number): PythonValue[] {
    const wanted = Math.min(count, highestStack);
    this.#budget.left -= wanted;
    const there = this.#stack.splice(Math.max(0, this.#stack.length - wanted));
    return [...Array.from({ length: wanted - there.length }, () => undefined), ...there];
  }

  #give(name: PythonValue, value: PythonValue): void {
    const [title, text] = [textOf(name), textOf(value)];
    if (title === undefined || text === undefined || this.#budget.left <= 0) return;
    this.#budget.left -= pairCost;
    this.pairs.push({ name: title, value: text });
  }

  #giveTo(key: PythonValue, value: PythonValue): void {
    if (plainKey.test(textOf(key) ?? '')) this.#give(key, value);
  }

  /** The topmost values belong to these names, in their order. */
  #named(names: PythonValue, count: number, areTaken: boolean): void {
    const list = names?.kind === 'list' ? names.items.slice(0, highestStack) : [];
    this.#budget.left -= list.length;
    const first = this.#stack.length - list.length;
    for (const [i, name] of list.entries()) this.#giveTo(name, this.#stack[first + i]);
    if (areTaken) this.#stack.splice(Math.max(0, this.#stack.length - Math.max(count, list.length)));
    if (areTaken) this.#push(undefined);
  }

  #map(count: number): void {
    const items = this.#taken(2 * count);
    for (let i = 0; i + 1 < items.length; i += 2) this.#giveTo(items[i], items[i + 1]);
    this.#push(undefined);
  }

  #call(count: number, below: number): void {
    const [key, value] = this.#taken(count);
    if (count === 2) this.#giveTo(key, value);
    this.#taken(below);
    this.#push(undefined);
  }

  /** Up to 3.12: defaults and three more things that may be there, the code, and up to 3.10 its name. */
  #function(flags: number): void {
    const hasName = this.#stack.at(-1)?.kind === 'text';
    const made = this.#stack.at(hasName ? -2 : -1);
    if (this.#operations.setFunctionAttribute !== undefined) return;
    const others = [2, 4, 8].filter((bit) => (flags & bit) !== 0).length;
    if ((flags & 1) !== 0) this.#defaults(this.#stack.at(-2 - others - (hasName ? 1 : 0)), made);
    this.#forget();
  }

  /** They belong to the last of the arguments that can be given by position. */
  #defaults(values: PythonValue, made: PythonValue): void {
    if (values?.kind !== 'list' || made?.kind !== 'code') return;
    const { argumentCount, variables } = made.code;
    if (values.items.length > argumentCount || argumentCount > variables.length || argumentCount > highestStack) return;
    this.#budget.left -= values.items.length;
    for (const [i, value] of values.items.entries()) this.#give(variables[argumentCount - values.items.length + i], value);
  }
}
