// mocha's spec reporter, and at the end one line with the counts, also in a file for scripts.
import { appendFileSync } from 'node:fs';
import Mocha from 'mocha';

class CountingReporter extends Mocha.reporters.Spec {
  constructor(runner: Mocha.Runner, options: Mocha.MochaOptions & { reporterOptions?: { countsFile?: string } }) {
    super(runner, options);
    runner.once('end', () => {
      const { passes, failures, pending } = this.stats;
      const file = options.reporterOptions?.countsFile;
      if (file) appendFileSync(file, `${passes} passed, ${failures} failed, ${pending} skipped\n`);
    });
  }
}

// mocha loads reporters with require(), which takes this name for the whole module.
export { CountingReporter as 'module.exports' };
