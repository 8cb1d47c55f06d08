import { parseArgs } from 'node:util'
import { services, versions, whyAbsent } from './ground.ts'
import { markdownOf, resultsOf, saveResults } from './results.ts'
import { run } from './run.ts'
import { anyHow, type Ending, orderly } from './schedule.ts'

// npm run soak -- data --restarts 200 --seed 1: half of them in order, half anyhow, and some with the hooks
// in the wrong order. Writes benchmark/results/data.json and the table in docs/data.md.

const { values } = parseArgs({
  options: {
    restarts: { type: 'string', default: '200' },
    seed: { type: 'string', default: String(Date.now() % 100_000) },
    'dry-run': { type: 'boolean', default: false }
  }
})
const seed = Number(values.seed)
const half = Math.ceil(Number(values.restarts) / 2)

const absent = await whyAbsent()
if (absent !== undefined) throw new Error(`${absent}: this command needs both`)

// What a run has made, processes, a schema and a queue, goes with it.
const stopped = new AbortController()
process.once('SIGINT', () => stopped.abort())
const { signal } = stopped

const runOn = (endings: readonly Ending[], restarts: number, isReversed = false) => {
  process.stdout.write(
    `${restarts} restarts by ${endings.join(', ')}${isReversed ? ', hooks reversed' : ''}\n`
  )
  return run({ ground: services(), places: 4, lanes: 2, seed, endings, restarts, isReversed, signal })
}
const results = resultsOf(seed, await versions(), {
  orderly: await runOn(orderly, half),
  anyHow: await runOn(anyHow, half),
  reversed: await runOn(orderly, Math.ceil(half / 10), true)
})
process.stdout.write(`\n${markdownOf(results)}\n`)
if (!values['dry-run']) saveResults(results)

const problems = [...results.orderly.problems, ...results.anyHow.problems]
for (const problem of problems) process.stdout.write(`✗ ${problem}\n`)
const isFound = results.reversed.problems.length > 0
if (!isFound) process.stdout.write('✗ the wrong order was not noticed\n')
process.exitCode = problems.length === 0 && isFound ? 0 : 1
