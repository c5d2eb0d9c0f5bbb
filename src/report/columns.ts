// Fitting text into columns: cut or broken at words. Counts characters, not cells of a terminal.

/** At most `length` characters, the last one an ellipsis if something was cut. Never splits a character. */
export function shorten(text: string, length: number): string {
  if (text.length <= length) return text;
  const characters = Array.from(text.slice(0, length * 2));
  return characters.length <= length ? characters.join('') : `${characters.slice(0, length - 1).join('')}…`;
}

/** The same with the ellipsis in front: the end is kept. */
export function shortenStart(text: string, length: number): string {
  if (text.length <= length) return text;
  const characters = Array.from(text.slice(-length * 2));
  return characters.length <= length ? characters.join('') : `…${characters.slice(1 - length).join('')}`;
}

/** Lines of at most `width` characters, except where one word is longer. The breaks of the text are kept. */
export function wrap(text: string, width: number): readonly string[] {
  return text.split('\n').flatMap((paragraph) => wrapParagraph(paragraph, width));
}

function wrapParagraph(paragraph: string, width: number): string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of paragraph.split(' ').filter((word) => word !== '')) {
    if (line === '') line = word;
    else if (line.length + 1 + word.length <= width) line += ` ${word}`;
    else {
      lines.push(line);
      line = word;
    }
  }
  if (line !== '') lines.push(line);
  return lines;
}
