/** A file to check. */
export interface Source {
  /** The name of the file in messages; `-` is the standard input. */
  readonly name: string
  readonly text: string
  /** Whether the user named the file itself, and not only its folder. */
  readonly isNamed: boolean
}

/**
 * The text without the byte order mark at the beginning, and with `\n` at the end of each line. Windows writes
 * both differently.
 */
export function plainText(text: string): string {
  return text.replace(/^\uFEFF/, '').replaceAll('\r\n', '\n')
}

/** The last part of a path. */
export function fileName(path: string): string {
  return path.slice(Math.max(path.lastIndexOf('/'), path.lastIndexOf('\\')) + 1)
}
