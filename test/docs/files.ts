import { readFileSync } from 'node:fs'
import { extname } from 'node:path'

// The files that the documentation shows as they are. They stand between the markers
// `<!-- file: examples/… -->` and `<!-- /file -->`.

const root = new URL('../../../', import.meta.url)
const marked = /<!-- file: (\S+) -->\n.*?<!-- \/file -->/gs

/** The paths of the files that a page shows. */
export function filesIn(text: string): string[] {
  return [...text.matchAll(marked)].map(([, path]) => path as string)
}

/** The page with every file as it is now. */
export function withFiles(text: string): string {
  return text.replaceAll(marked, (_, path: string) => {
    const content = readFileSync(new URL(path, root), 'utf8')
    return `<!-- file: ${path} -->\n\n\`\`\`${languageOf(path)}\n${content}\`\`\`\n\n<!-- /file -->`
  })
}

function languageOf(path: string): string {
  const extension = extname(path).slice(1)
  return /^[cm]js$/.test(extension) ? 'js' : extension || 'dockerfile'
}
