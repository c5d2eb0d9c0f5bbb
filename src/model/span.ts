// A half-open range: of the bytes of an archive, of a JSON text, of the characters of a window.

export interface Span {
  readonly start: number;
  readonly end: number;
}
