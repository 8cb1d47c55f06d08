import { writeFileSync } from 'node:fs'
import { errorsPage } from './errors-page.ts'
import { optionsPage } from './options-page.ts'
import { inRoot } from './pages.ts'
import { writeSamples } from './samples.ts'
import { writeReference } from './write-api.ts'

// npm run docs: runs every program that the documentation shows, and writes what it prints into the pages; and
// writes the pages that come from the code.

await writeSamples()

const reference = await writeReference()
writeFileSync(inRoot('docs/options.md'), await optionsPage(reference.model))
writeFileSync(inRoot('docs/errors.md'), errorsPage())
