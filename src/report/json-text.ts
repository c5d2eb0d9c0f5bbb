// JSON that is safe to print: what could steer a terminal or a workflow runner is written as \uNNNN, which any reader undoes.

// JSON.stringify escapes C0 and lone surrogates; DEL, C1, bidirectional, zero-width and separator characters it lets through.
const unescaped = /[\u007f-\u009f\u00ad\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb]/g;

export function jsonText(value: unknown): string {
  return JSON.stringify(value)
    .replace(unescaped, (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`)
    .replaceAll('::', ':\\u003a')
    .replaceAll('##[', '##\\u005b');
}

/** The elements of an array, one a line, without ever holding all of them as one string. */
export function* jsonElements<T>(values: Iterable<T>, toJson: (value: T) => unknown): Iterable<string> {
  let separator = '\n';
  for (const value of values) {
    yield separator + jsonText(toJson(value));
    separator = ',\n';
  }
}
