import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { renderPage } from './page.ts'

const root = new URL('../../../', import.meta.url)

/** What is in benchmark/results/ under this name, if anything is. */
export function readResults(file: string): unknown {
  const path = new URL(`benchmark/results/${file}`, root)
  return existsSync(path) ? JSON.parse(readFileSync(path, 'utf8')) : undefined
}

/** Makes docs/comparison.md and its pictures anew from the files in benchmark/results/. */
export function writePage(): void {
  const { markdown, pictures } = renderPage(readResults)
  writeFileSync(new URL('docs/comparison.md', root), markdown)
  for (const { file, svg } of pictures) writeFileSync(new URL(`docs/${file}`, root), svg)
}
