// A half-open range of bytes: of an archive, of a JSON text.

export interface Span {
  readonly start: number;
  readonly end: number;
}
