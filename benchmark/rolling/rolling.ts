import { readFileSync } from 'node:fs'
import { parseArgs } from 'node:util'
import { isInstalled, versionOf } from '../../test/support/proxy.ts'
import { environment } from '../environment.ts'
import { subjects } from '../subjects.ts'
import { type Cell, cells, titleOf } from './cells.ts'
import type { Load } from './load.ts'
import { type RollingResults, saveResults } from './results.ts'
import { type Outcome, roll } from './roll.ts'
import { Stack } from './stack.ts'

// Rolling restarts under load: npm run rolling -- [--quick] [--only <pattern>] [--no-save]

const { values } = parseArgs({
  options: {
    quick: { type: 'boolean', default: false },
    only: { type: 'string', default: '' },
    'no-save': { type: 'boolean', default: false }
  }
})

const wanted = cells(values.quick).filter((cell) => new RegExp(values.only, 'i').test(titleOf(cell)))
const rates = new Map<string, number>()
const outcomes: Outcome[] = []
const leftOut: { cell: string; why: string }[] = []
for (const [index, cell] of wanted.entries()) {
  const title = titleOf(cell)
  const { kind } = cell.front
  if (kind !== 'kubernetes' && !isInstalled(kind)) {
    leftOut.push({ cell: title, why: `there is no ${kind} on this machine` })
    console.log(`${title}: LEFT OUT, there is no ${kind} on this machine`)
    continue
  }
  process.stdout.write(`${index + 1}/${wanted.length} ${title} … `)
  const outcome = await rolled(cell)
  outcomes.push(outcome)
  console.log(inWords(outcome))
}
console.log(`\nours, with a wait: ${total()}`)
// What is found of some cells must not stand in for all of them.
if (values.only === '' && !values['no-save']) saveResults(results())

async function rolled(cell: Cell): Promise<Outcome> {
  const stack = new Stack()
  try {
    return await roll(stack, cell, rateFor)
  } finally {
    await stack.unwind()
  }
}

/** Half of what can be answered, found once for each thing in front, so that all subjects get the same. */
async function rateFor({ front, backends }: Cell, load: Load): Promise<number> {
  const key = JSON.stringify([front, backends])
  const known = rates.get(key)
  if (known !== undefined) return known
  const rate = Math.round((await load.capacity(1_000)) / 2)
  rates.set(key, rate)
  return rate
}

function inWords({ tally, took, restart, exits, troubles, rate }: Outcome): string {
  const failed = Object.values(tally.failed).reduce((sum, count) => sum + count, 0)
  const latency = `p99 ${tally.restarting.p99.toFixed(0)} ms, ${tally.steady.p99.toFixed(0)} ms outside`
  const why = failed === 0 ? '' : `\n    ${JSON.stringify(tally.failed)} ${JSON.stringify(troubles)}`
  return (
    `${failed} of ${tally.sent} failed; ${latency}; ${rate} per second; ` +
    `roll ${(took / 1_000).toFixed(1)} s, signal to exit ${restart.toFixed(0)} ms, ${JSON.stringify(exits)}${why}`
  )
}

/** What must not lose anything: with a wait, behind whoever looks, or is told. */
function total(): string {
  const counted = outcomes.filter(({ subject, wait }) => subject === 'fastify-lifecycle' && wait === 'set')
  const sum = (of: (outcome: Outcome) => number) => counted.reduce((all, outcome) => all + of(outcome), 0)
  const failed = sum(({ tally }) => Object.values(tally.failed).reduce((all, count) => all + count, 0))
  return `${failed} of ${sum(({ tally }) => tally.sent)} failed`
}

function results(): RollingResults {
  const peers = subjects.flatMap(({ package: name }) => (name === null ? [] : [[name, peerVersion(name)]]))
  return {
    environment: {
      ...environment(),
      haproxy: versionOf('haproxy'),
      nginx: versionOf('nginx'),
      peers: Object.fromEntries(peers)
    },
    outcomes,
    leftOut
  }
}

function peerVersion(name: string): string {
  const file = new URL(`../../../benchmark/node_modules/${name}/package.json`, import.meta.url)
  return JSON.parse(readFileSync(file, 'utf8')).version
}
