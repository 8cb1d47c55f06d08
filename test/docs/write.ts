import { writeFileSync } from 'node:fs'
import { pages, rendered, samplesIn } from './samples.ts'

// Runs every program that the documentation shows, and writes what it prints into the pages.

for (const page of pages()) {
  if (samplesIn(page).length === 0) continue
  writeFileSync(page, await rendered(page))
}
