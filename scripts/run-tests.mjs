// Runs the compiled tests: all of them, or those whose path contains one of the arguments, without
// those whose path contains what follows a `!`.
import { readdirSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { Readable } from 'node:stream'
import { run } from 'node:test'
import { spec } from 'node:test/reporters'
import { fileURLToPath } from 'node:url'
import { compiled } from './built.mjs'

const root = fileURLToPath(compiled('test/'))
const given = process.argv.slice(2)
const wanted = given.filter((part) => !part.startsWith('!'))
const unwanted = given.filter((part) => part.startsWith('!')).map((part) => part.slice(1))

const files = readdirSync(root, { recursive: true })
  .map((file) => file.replaceAll('\\', '/'))
  .filter((file) => file.endsWith('.test.js'))
  .filter((file) => wanted.length === 0 || wanted.some((part) => file.includes(part)))
  .filter((file) => !unwanted.some((part) => file.includes(part)))
  .sort()

if (files.length === 0) throw new Error(`No test file matches: ${given.join(', ')}`)

for (const part of wanted) {
  if (!files.some((file) => file.includes(part))) throw new Error(`No test file matches: ${part}`)
}

/** These take longest, and begin first, so that none of them is left alone at the end. */
const longest = [
  'package/',
  'process/drain/',
  'drill/',
  'platforms/cluster',
  'process/data',
  'process/watchdog',
  'process/boundary'
]
const rank = (file) => longest.findIndex((part) => file.includes(part)) + 1 || longest.length + 1
files.sort((one, other) => rank(one) - rank(other))

const cores = availableParallelism()
const isLight = (file) => /^(unit|benchmark)\//.test(file)
const groups = [
  { files: files.filter(isLight), concurrency: cores },
  // These start processes, which wait for each other: one file at a time for each core, and in each one test at a time.
  { files: files.filter((file) => !isLight(file)), concurrency: cores }
]

/** A file that takes so long hangs, in ms, however slow the machine is. */
const hang = 30 * 60_000

/** What all groups came to, as node:test says it of each. */
const totals = new Map()

async function* events() {
  for (const { files, concurrency } of groups) {
    if (files.length === 0) continue
    const paths = files.map((file) => root + file)
    for await (const event of run({ files: paths, concurrency, timeout: hang })) {
      if (event.type === 'test:fail') process.exitCode = 1
      if (!addTotal(event)) yield event
    }
  }
  for (const [what, count] of totals) yield diagnostic(`${what} ${count}`)
  yield { type: 'test:summary', data: { counts: {}, success: process.exitCode !== 1, duration_ms: 0 } }
}

/** Whether the event is a total of one group. */
function addTotal({ type, data }) {
  if (type === 'test:summary') return data.file === undefined
  if (type !== 'test:diagnostic' || data.file !== undefined || data.nesting !== 0) return false
  const [, what, count] =
    /^(tests|suites|pass|fail|cancelled|skipped|todo|duration_ms) ([\d.]+)$/.exec(data.message) ?? []
  if (what === undefined) return false
  totals.set(what, (totals.get(what) ?? 0) + Number(count))
  return true
}

function diagnostic(message) {
  return { type: 'test:diagnostic', data: { nesting: 0, message } }
}

Readable.from(events()).pipe(new spec()).pipe(process.stdout)
