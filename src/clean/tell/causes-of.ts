// From findings to what brought them in: a file, a variable, a build argument, or an instruction with the secret written out.
import type { Finding } from '../../model/finding.ts';
import { field } from '../../model/json.ts';
import { printable } from '../../model/printable.ts';
import type { ScannedStore } from '../../scan/scan.ts';
import type { Trace } from '../../scan/trace.ts';
import type { Cause } from '../cause/cause.ts';

/** Each cause once. Instructions are masked. */
export function causesOf(findings: readonly Finding[], { traces, mask }: ScannedStore): readonly Cause[] {
  const causes = findings.flatMap((finding) => causesOfFinding(finding, traces.get(finding), mask));
  return [...new Map(causes.map((cause) => [JSON.stringify(cause), cause])).values()];
}

function causesOfFinding({ place, fate, createdBy }: Finding, trace: Trace | undefined, mask: (text: string) => string): Cause[] {
  const by = createdBy === undefined ? {} : { createdBy };
  switch (place.kind) {
    case 'file':
    case 'header':
      return [{ kind: 'file', path: place.path, ...by, isVisible: fate.kind === 'visible' }];
    case 'stray':
      return [];
    case 'metadata':
      return trace?.kind === 'metadata' ? causesInMetadata(trace, mask) : [];
  }
}

function causesInMetadata({ document, pointer }: Trace & { readonly kind: 'metadata' }, mask: (text: string) => string): Cause[] {
  const variable = /^(?:config|container_config)\.Env\[(\d+)\]/.exec(pointer);
  if (variable !== null) {
    const name = nameOf(textAt(document.root, variable[0]));
    return name === undefined ? [] : [{ kind: 'variable', name }];
  }
  const history = /^history\[\d+\]\.created_by/.exec(pointer);
  if (history === null) return [];
  const instruction = textAt(document.root, history[0]);
  if (instruction === undefined) return [];
  const createdBy = mask(printable(instruction));
  const declared = /^(?:\/bin\/sh -c #\(nop\)\s+)?(ENV|ARG)\s+([A-Za-z_]\w*)[=\s]/.exec(instruction);
  if (declared !== null) {
    const kind = declared[1] === 'ENV' ? 'variable' : 'argument';
    const names = maskedNames(createdBy);
    return (names.length > 0 ? names : [declared[2]]).map((name) => ({ kind, name, createdBy }));
  }
  // Build arguments stand before the command: how many, then each with its value. The ones that held the secret are masked.
  const argumentsOf = /^(?:RUN )?\|\d+ (.*?) \/bin\/(?:ba)?sh /.exec(createdBy)?.[1];
  const names = maskedNames(argumentsOf ?? '');
  return names.length > 0 ? names.map((name) => ({ kind: 'argument', name, createdBy })) : [{ kind: 'instruction', createdBy }];
}

/** Variables whose value is masked: one instruction may set several. */
function maskedNames(text: string): readonly string[] {
  return [...text.matchAll(/([A-Za-z_]\w*)=\S*\*{8}/g)].map(([, name]) => name);
}

/** The string at a pointer such as `config.Env[3]`. */
function textAt(root: Parameters<typeof field>[0], pointer: string): string | undefined {
  let node = root;
  for (const [, name, index] of pointer.matchAll(/([A-Za-z_]+)|\[(\d+)\]/g)) {
    if (name !== undefined) node = field(node, name);
    else node = node?.kind === 'array' ? node.items[Number(index)] : undefined;
  }
  return node?.kind === 'string' ? node.value : undefined;
}

function nameOf(text: string | undefined): string | undefined {
  return /^([^=]+)=/.exec(text ?? '')?.[1];
}
