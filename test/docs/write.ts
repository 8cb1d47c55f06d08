import { updateCode } from './code.ts'
import { pages, update } from './samples.ts'

// Runs every program that the documentation shows, and writes what it prints into the pages, and the
// files that they show.

for (const page of pages()) {
  updateCode(page)
  await update(page)
}
