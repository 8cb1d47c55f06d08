import { readFileSync, statSync } from 'node:fs'
import { dirname, isAbsolute, join, normalize } from 'node:path'
import { plainText } from './source.ts'

/** The folder of a file. Other files that the file names may be in this folder, too. */
export interface Folder {
  /** The text of a file in this folder, or below it. */
  textOf(path: string): string | undefined
  /** The text of a script in the folder's package.json. */
  scriptNamed(name: string): string | undefined
}

/** Reads the text of a file; returns `undefined` if there is no such file. */
export type ReadText = (path: string) => string | undefined

/** The largest script file that is read, in bytes. Nobody writes a longer script by hand. */
const largest = 256 * 1_024

export const readText: ReadText = (path) => {
  try {
    const { size } = statSync(path)
    return size > largest ? undefined : plainText(readFileSync(path, 'utf8'))
  } catch {
    return undefined
  }
}

/** The folder of a file. For the standard input, the folder is empty. */
export function folderOf(file: string, read: ReadText): Folder {
  const textOf = (path: string) => {
    const inside = normalize(path)
    if (file === '-' || path === '' || isAbsolute(inside) || inside.startsWith('..')) return undefined
    return read(join(dirname(file), inside))
  }
  return { textOf, scriptNamed: (name) => scriptIn(textOf('package.json'), name) }
}

function scriptIn(text: string | undefined, name: string): string | undefined {
  try {
    const { scripts } = JSON.parse(text ?? '{}') as { readonly scripts?: Readonly<Record<string, unknown>> }
    const script = scripts !== undefined && Object.hasOwn(scripts, name) ? scripts[name] : undefined
    return typeof script === 'string' ? script : undefined
  } catch {
    return undefined
  }
}
