// How many characters of a text a part of a pattern may take.
import type { AST } from '@eslint-community/regexpp';

/** UTF-16 code units or, with the flag `u`, code points; Infinity where there is no bound. What only looks takes what it looks at. */
export function longestMatch(element: AST.Element): number {
  switch (element.type) {
    case 'Character':
    case 'CharacterSet':
    case 'CharacterClass':
    case 'ExpressionCharacterClass':
      return 1;
    case 'Group':
    case 'CapturingGroup':
      return longestOf(element.alternatives);
    case 'Quantifier': {
      const once = longestMatch(element.element);
      return once === 0 ? 0 : once * element.max;
    }
    case 'Backreference':
      return Infinity;
    case 'Assertion':
      return element.kind === 'lookbehind' || element.kind === 'lookahead' ? longestOf(element.alternatives) : 0;
  }
}

function longestOf(alternatives: readonly AST.Alternative[]): number {
  return Math.max(...alternatives.map(({ elements }) => elements.reduce((sum, element) => sum + longestMatch(element), 0)));
}
