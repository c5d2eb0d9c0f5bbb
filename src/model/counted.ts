// Numbers with what they count.

/** `1 layer`, `2,000 layers`; of whole numbers. */
export function counted(number: number, noun: string, plural = `${noun}s`): string {
  // `toLocaleString` would load the data of a language first, which takes longer than the rest of a report.
  return `${String(number).replace(/\B(?=(?:\d{3})+$)/g, ',')} ${number === 1 ? noun : plural}`;
}
