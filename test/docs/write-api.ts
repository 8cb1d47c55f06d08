import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { fileURLToPath } from 'node:url'
import { inRoot } from './pages.ts'
import { makeReference, type Reference } from './reference.ts'

/** Writes `docs/api` from the code. */
export async function writeReference(): Promise<Reference> {
  const reference = await makeReference()
  rmSync(inRoot('docs/api'), { recursive: true, force: true })
  for (const [path, text] of reference.pages) {
    mkdirSync(dirname(inRoot(`docs/api/${path}`)), { recursive: true })
    writeFileSync(inRoot(`docs/api/${path}`), text)
  }
  return reference
}

// npm run docs -- api
if (process.argv[1] === fileURLToPath(import.meta.url)) await writeReference()
