// `unbake rules import`: reads the rules of another tool, writes a rule file, and tells what is left out.
import { stringify } from 'yaml';
import { exitCodes } from '../judge/exit-code.ts';
import { counted } from '../model/counted.ts';
import { UnbakeError } from '../model/error.ts';
import { printable } from '../model/printable.ts';
import { importGitleaks } from '../rule/import/import-gitleaks.ts';
import { packagedRules } from '../rule/packaged-rules.ts';
import { readRulesFolder } from '../rule/rules-folder.ts';
import { writeOutput } from './outputs.ts';
import { textOf } from './policy.ts';

/** Returns the exit code. Throws UnbakeError `usage` when nothing can be imported, and writes nothing then. */
export async function importRules(file: string, output: string | undefined): Promise<number> {
  const { document, told } = importGitleaks(await textOf(file, 'the file'), file);
  for (const { about, sentence } of told) tell(about === '' ? sentence : `${about}: ${sentence}`);
  const { rules } = document;
  if (rules.length === 0) throw new UnbakeError('usage', `no rule of ${printable(file)} can be imported`);
  for (const id of await replaced(rules.map((rule) => String(rule['id']))))
    tell(`${id}: takes the place of the rule of this id that comes with unbake`);
  await writeOutput([`# Rules of gitleaks, imported with \`unbake rules import\`.\n`, stringify(document, { lineWidth: 0 })], output, false);
  tell(`${counted(rules.length, 'rule')} imported, with severity medium and confidence medium: see "defaults" in the file`);
  return exitCodes.clean;
}

function tell(sentence: string): void {
  process.stderr.write(`unbake: ${printable(sentence)}\n`);
}

async function replaced(ids: readonly string[]): Promise<readonly string[]> {
  const files = await readRulesFolder(packagedRules);
  const known = new Set(files.flatMap((file) => file.rules.map(({ info }) => info.id)));
  return ids.filter((id) => known.has(id));
}
