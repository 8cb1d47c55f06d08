import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import type { Comparisons } from './comparison.ts'
import type { Environment } from './environment.ts'
import type { Footprint, Start } from './footprint.ts'
import type { method } from './method.ts'

/** All that one run found. */
export interface Results {
  readonly environment: Environment
  readonly method: typeof method
  readonly overHttp: { readonly cpu: Comparisons; readonly elapsed: Comparisons }
  readonly withoutNetwork: { readonly cpu: Comparisons }
  readonly footprint: Readonly<Record<Start, Footprint>>
}

// The compiled benchmark runs in build/, and its results belong beside the source.
const folder = new URL('../../benchmark/', import.meta.url)

export function saveResults(results: Results): void {
  saveAs('steady-state.json', results)
}

/** Writes what was found into a file of `results/`. */
export function saveAs(file: string, results: object): void {
  const json = JSON.stringify(results, rounded, 2)
  mkdirSync(new URL('results/', folder), { recursive: true })
  writeFileSync(new URL(`results/${file}`, folder), `${json}\n`)
}

/** Puts the text between the markers of the README. */
export function showInReadme(markdown: string): void {
  const path = new URL('README.md', folder)
  const between = /(<!-- results:begin -->\n).*(<!-- results:end -->)/s
  const readme = readFileSync(path, 'utf8')
  if (!between.test(readme)) throw new Error(`no markers for the results in ${path}`)
  writeFileSync(
    path,
    readme.replace(between, (_all, begin, end) => `${begin}\n${markdown}\n${end}`)
  )
}

function rounded(_key: string, value: unknown): unknown {
  return typeof value === 'number' ? Number(value.toFixed(4)) : value
}
