import { readdir, readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { quoted, UsageError } from '../../command/command.ts'
import { mayBe } from './formats.ts'
import { plainText, type Source } from './source.ts'

/** The files that were found by the names on the command line. */
export interface Collected {
  readonly sources: readonly Source[]
  /** Files that are too large, or that could not be read. */
  readonly unread: readonly { readonly name: string; readonly reason: string }[]
}

/** The largest file that is read, in bytes. People do not write larger ones by hand. */
const largest = 8 * 1_024 * 1_024

/** The highest number of files. With more, the user probably meant another folder. */
const most = 20_000

const skipped = new Set([
  'node_modules',
  '.git',
  '.svn',
  '.hg',
  '.terraform',
  '.next',
  'coverage',
  // These folders are for the environment of developers, which is not deployed.
  '.devcontainer',
  '.gitpod'
])

/** Reads the files, the files in the folders, and the standard input if a name is `-`. */
export async function collect(names: readonly string[], stdin: NodeJS.ReadableStream): Promise<Collected> {
  const sources: Source[] = []
  const unread: { name: string; reason: string }[] = []
  for (const name of names) {
    if (name === '-') {
      sources.push({ name, text: plainText(await text(stdin)), isNamed: true })
      continue
    }
    const isFolder = await kindOf(name)
    for (const file of isFolder ? await filesIn(name) : [name]) {
      try {
        const { size } = await stat(file)
        if (size > largest)
          unread.push({ name: file, reason: `it has more than ${largest / 1_024 / 1_024} MB` })
        else sources.push({ name: file, text: plainText(await readFile(file, 'utf8')), isNamed: !isFolder })
      } catch (error) {
        unread.push({ name: file, reason: (error as NodeJS.ErrnoException).code ?? String(error) })
      }
    }
  }
  return { sources, unread }
}

/** Whether the path is a folder. */
async function kindOf(name: string): Promise<boolean> {
  try {
    return (await stat(name)).isDirectory()
  } catch {
    throw new UsageError(`There is no file or folder ${quoted(name)}.`)
  }
}

/** The files of a folder that may be worth reading, in the order of their names. */
async function filesIn(folder: string): Promise<readonly string[]> {
  const found: string[] = []
  const folders = [folder]
  let seen = 0
  for (let here = folders.pop(); here !== undefined; here = folders.pop()) {
    const entries = await readdir(here, { withFileTypes: true })
    entries.sort((one, other) => (one.name < other.name ? 1 : -1))
    for (const entry of entries) {
      if (++seen > most)
        throw new UsageError(`${quoted(folder)} has more than ${most} files: name a smaller folder.`)
      const path = join(here, entry.name)
      if (entry.isDirectory()) {
        if (!skipped.has(entry.name)) folders.push(path)
      } else if (entry.isFile() && mayBe(entry.name)) found.push(path)
    }
  }
  return found.sort()
}
