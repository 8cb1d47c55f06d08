import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { errorsPage } from './errors-page.ts'
import { optionsPage } from './options-page.ts'
import { inRoot } from './pages.ts'
import { makeReference } from './reference.ts'
import { writeSamples } from './samples.ts'

// Runs every program that the documentation shows, and writes what it prints into the pages; and
// writes the pages that come from the code.

await writeSamples()

const reference = await makeReference()
rmSync(inRoot('docs/api'), { recursive: true, force: true })
for (const [path, text] of reference.pages) {
  mkdirSync(dirname(inRoot(`docs/api/${path}`)), { recursive: true })
  writeFileSync(inRoot(`docs/api/${path}`), text)
}
writeFileSync(inRoot('docs/options.md'), await optionsPage(reference.model))
writeFileSync(inRoot('docs/errors.md'), errorsPage())
