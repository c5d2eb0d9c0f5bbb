// YAML for a configuration, in a file of its own: a start of a known image loads none unless there is some, and of a CommonJS package that
// was bundled `import()` would give nothing but the default export.
import { parse } from 'yaml';

/** Throws what the parser throws. */
export function parseYaml(text: string): unknown {
  return parse(text);
}
