import { readFileSync, statSync } from 'node:fs'
import { dirname, isAbsolute, join, normalize } from 'node:path'
import { plainText } from './source.ts'

/** The folder that a file stands in: what the file names may stand there, too. */
export interface Folder {
  /** The text of a file in it, or below it. */
  textOf(path: string): string | undefined
  /** What a script of its package.json is. */
  scriptNamed(name: string): string | undefined
}

/** How the text of a file is read; `undefined` where there is none. */
export type ReadText = (path: string) => string | undefined

/** Nobody writes a longer script by hand. */
const largest = 256 * 1_024

export const readText: ReadText = (path) => {
  try {
    const { size } = statSync(path)
    return size > largest ? undefined : plainText(readFileSync(path, 'utf8'))
  } catch {
    return undefined
  }
}

/** The folder of a file; nothing stands beside the standard input. */
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
