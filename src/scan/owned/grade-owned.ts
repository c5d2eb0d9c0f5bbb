// A finding in a file of a package is worth less: the file is the same in every installation of the package, so what stands in it is
// known to everybody. It stays a finding, and says so.
import type { Detection } from '../../model/rule.ts';
import { severities, type Severity } from '../../model/severity.ts';
import type { Owner, PackageKind } from './claim.ts';
import { npmFolderOf } from './npm.ts';

const called: Readonly<Record<PackageKind, string>> = {
  dpkg: 'Debian package',
  apk: 'Alpine package',
  rpm: 'RPM package',
  python: 'Python package',
  npm: 'npm package',
};

/** What of a package nobody runs: tests, examples, documents, sources that are there for debuggers. */
const besideProgram = /(?:^|\/)(?:tests?|__tests__|specs?|fixtures?|examples?|samples?|docs?)\/|\.(?:md|markdown|rst|map|d\.[cm]?ts)$/;

/**
 * An unchanged file: low at most, and info where it was low. A file that only lies in the folder of an npm package: one step lower, and
 * only among its tests, examples and documents. All others stay as they are.
 */
export function gradeOwned(detection: Detection, path: string, owner: Owner): Detection {
  const { severity, proved } = detection;
  if (owner.isProved) {
    const lowered = severity === 'low' || severity === 'info' ? 'info' : 'low';
    return { ...detection, severity: lowered, proved: [...proved, `unchanged file of ${called[owner.kind]} ${owner.package}`] };
  }
  const folder = owner.kind === 'npm' ? npmFolderOf(path) : undefined;
  if (folder === undefined || !besideProgram.test(path.slice(folder.length))) return detection;
  const told = `file of ${called.npm} ${owner.package}, as installed; its content is not checked`;
  return { ...detection, severity: oneStepLower(severity), proved: [...proved, told] };
}

function oneStepLower(severity: Severity): Severity {
  return severities[Math.max(0, severities.indexOf(severity) - 1)];
}
