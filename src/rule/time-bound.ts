// Ends what cannot end itself: inside a regular expression nothing but V8 can stop a search that would take years.
import { type Context, createContext, Script } from 'node:vm';

/** V8 takes no more. */
const longest = 2 ** 31 - 1;

let bound: { readonly context: Context; readonly script: Script } | undefined;

/**
 * Runs the work; false when it was ended because it took longer. It may then be ended anywhere: what it had begun to write is half
 * written. What it throws is thrown on. A call costs 0.1 ms of its own, and only what runs at once can be bounded, no promise.
 */
export function isDoneWithin(milliseconds: number, work: () => void): boolean {
  const { context, script } = (bound ??= { context: createContext({}), script: new Script('work()') });
  context['work'] = work;
  try {
    script.runInContext(context, { timeout: Math.min(Math.max(1, milliseconds), longest) });
    return true;
  } catch (thrown) {
    // It is made inside, where Error is another class.
    if ((thrown as NodeJS.ErrnoException | undefined)?.code === 'ERR_SCRIPT_EXECUTION_TIMEOUT') return false;
    throw thrown;
  } finally {
    context['work'] = undefined;
  }
}
