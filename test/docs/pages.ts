import { readdirSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

// The pages that people read, and what is written in them.

export const root: URL = new URL('../../../', import.meta.url)

/** A page, by its path from the root of the project. */
export interface Page {
  readonly path: string
  readonly text: string
}

const isPage = (path: string) => path.endsWith('.md')

/** What is installed is passed over: it may lead back here by a link, and so have no end. */
function pagesBelow(folder: string): string[] {
  return readdirSync(new URL(folder, root), { withFileTypes: true }).flatMap((entry) => {
    const path = `${folder}/${entry.name}`
    if (entry.isDirectory()) return entry.name === 'node_modules' ? [] : pagesBelow(path)
    return isPage(path) ? [path] : []
  })
}

/** Every page: those at the root, and all below `docs/`, `examples/` and `benchmark/`. */
export function pages(): Page[] {
  const below = ['docs', 'examples', 'benchmark'].flatMap(pagesBelow)
  const paths = [...readdirSync(root).filter(isPage), ...below].sort()
  return paths.map((path) => ({ path, text: readFileSync(new URL(path, root), 'utf8') }))
}

/** The pages that people have written, without those that come from comments in the code. */
export function writtenPages(): Page[] {
  return pages().filter(({ path }) => !path.startsWith('docs/api/'))
}

export function inRoot(path: string): string {
  return fileURLToPath(new URL(path, root))
}
