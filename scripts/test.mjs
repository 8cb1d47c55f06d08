// Runs the compiled tests: all of them, or those whose path contains one of the arguments, without
// those whose path contains what follows a `!`.
import { readdirSync } from 'node:fs'
import { run } from 'node:test'
import { spec } from 'node:test/reporters'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('../dist/test/', import.meta.url))
const given = process.argv.slice(2)
const wanted = given.filter((part) => !part.startsWith('!'))
const unwanted = given.filter((part) => part.startsWith('!')).map((part) => part.slice(1))

const files = readdirSync(root, { recursive: true })
  .filter((file) => file.endsWith('.test.js'))
  .filter((file) => wanted.length === 0 || wanted.some((part) => file.includes(part)))
  .filter((file) => !unwanted.some((part) => file.includes(part)))
  .map((file) => root + file)
  .sort()

if (files.length === 0) throw new Error(`No test file matches: ${given.join(', ')}`)

for (const part of wanted) {
  if (!files.some((file) => file.includes(part))) throw new Error(`No test file matches: ${part}`)
}

// Most tests wait for processes of their own, so there may be more of them than cores. One that waits for
// what never comes fails, instead of holding up all others.
run({ files, concurrency: 4, timeout: 300_000 })
  .on('test:fail', () => {
    process.exitCode = 1
  })
  .compose(spec)
  .pipe(process.stdout)
