/** A file to look at. */
export interface Source {
  /** As it is named in what is said; `-` is the standard input. */
  readonly name: string
  readonly text: string
  /** Whether it was named itself, and not only the folder that it is in. */
  readonly isNamed: boolean
}

/** The text without what Windows puts in: a mark at the beginning, and two characters at the end of a line. */
export function plainText(text: string): string {
  return text.replace(/^\uFEFF/, '').replaceAll('\r\n', '\n')
}

/** The last part of a path. */
export function fileName(path: string): string {
  return path.slice(Math.max(path.lastIndexOf('/'), path.lastIndexOf('\\')) + 1)
}
