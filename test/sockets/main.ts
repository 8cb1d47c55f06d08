import { parseArgs } from 'node:util'
import { freePort } from '../support/free-port.ts'
import type { Owner } from '../support/proxy.ts'
import { markdownOf, problemsOf, resultsOf, saveResults } from './results.ts'
import { type Run, type RunSetup, run } from './run.ts'

// npm run soak -- sockets --restarts 50: a service whose socket is held, with 20 clients that keep their connection and
// as many that connect anew, restarted in order; then with every fifth restart a SIGKILL; then, for comparison, with
// nobody who holds the socket. Writes benchmark/results/sockets.json and the table in docs/platforms/systemd.md.

const { values } = parseArgs({
  options: {
    restarts: { type: 'string', default: '50' },
    'dry-run': { type: 'boolean', default: false }
  }
})
const restarts = Number(values.restarts)
if (!(Number.isInteger(restarts) && restarts > 0)) throw new Error('--restarts is a number')

async function alone(what: string, setup: RunSetup): Promise<Run> {
  process.stdout.write(`${setup.restarts} restarts, ${what}\n`)
  const ends: (() => unknown)[] = []
  const owner: Owner = { after: (end) => ends.push(end) }
  try {
    return await run(owner, setup)
  } finally {
    for (const end of ends.reverse()) await end()
  }
}

const results = resultsOf({
  orderly: await alone('socket held', { restarts }),
  crashing: await alone('socket held, every fifth a SIGKILL', { restarts, crashEvery: 5 }),
  unheld: await alone('nobody holds the socket', {
    restarts: Math.ceil(restarts / 5),
    port: await freePort()
  })
})
process.stdout.write(`\n${markdownOf(results)}\n`)
if (!values['dry-run']) saveResults(results)

const problems = [...problemsOf(results.orderly), ...problemsOf(results.crashing)]
for (const problem of problems) process.stdout.write(`✗ ${problem}\n`)
process.exitCode = problems.length === 0 ? 0 : 1
