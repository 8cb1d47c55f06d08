/** A picture that a section shows, as the text of an SVG file. */
export interface Picture {
  /** The name of the file in docs/, which the markdown refers to; begins with `comparison-`. */
  readonly file: string
  readonly svg: string
}

/** What a section makes of its results. */
export interface Rendered {
  /** Begins with a heading of the second level. */
  readonly markdown: string
  readonly pictures: readonly Picture[]
}

/**
 * One part of docs/comparison.md, made from one file in benchmark/results/ and from nothing else: no
 * clock, no chance, no machine, so that the same results always give the same bytes. Where the file
 * does not exist the page has no such part.
 */
export interface Section {
  /** The name of the file in benchmark/results/. */
  readonly results: string
  /** `results` is the file's content; throws if the page cannot honestly be made from it. */
  render(results: unknown): Rendered
}
