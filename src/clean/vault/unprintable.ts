// Names in an image are written by strangers. In what people open with a pager or an editor, characters that steer a terminal, hide,
// or turn the direction of writing stand in the escaped form of the file's own language, which means the same.

const unprintable = /[\p{Zl}\p{Zp}]|(?!\n)\p{C}/gu;

/** Replaces controls, format characters, separators of lines, private and unassigned ones; line feeds, which need care of their own, stay. */
export function withoutUnprintable(text: string, escape: (character: string) => string): string {
  return text.replace(unprintable, escape);
}

/** A line feed counts as one here. */
export function hasUnprintable(text: string): boolean {
  return /[\p{Zl}\p{Zp}\p{C}]/u.test(text);
}
