import { readFileSync, writeFileSync } from 'node:fs'

// Files that the documentation shows, whole. They stand between the markers
// `<!-- code: examples/… -->` and `<!-- /code -->`.

const root = new URL('../../../', import.meta.url)
const marked = /<!-- code: (\S+) -->\n.*?<!-- \/code -->/gs

/** What the page shows, each with what it should show. */
export function codeIn(page: URL): (readonly [shown: string, wanted: string])[] {
  const found = readFileSync(page, 'utf8').matchAll(marked)
  return [...found].map(([shown, path]) => [shown, codeOf(path as string)])
}

/** Writes the files into the page as they are now. */
export function updateCode(page: URL): void {
  const text = readFileSync(page, 'utf8')
  writeFileSync(
    page,
    text.replaceAll(marked, (_all, path) => codeOf(path))
  )
}

function codeOf(path: string): string {
  const code = readFileSync(new URL(path, root), 'utf8')
  return `<!-- code: ${path} -->\n\n\`\`\`ts\n${code}\`\`\`\n\n<!-- /code -->`
}
