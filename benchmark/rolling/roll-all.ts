import { isInstalled } from '../../test/support/proxy.ts'
import { type Cell, titleOf } from './cells.ts'
import type { Load } from './load.ts'
import { type Outcome, roll } from './roll.ts'
import { Stack } from './stack.ts'
import { failuresOf } from './tally.ts'

/** A cell that could not be run on this machine. */
export interface LeftOut {
  readonly cell: string
  readonly why: string
}

/** Rolls one after another, and says how each went. */
export async function rollAll(
  cells: readonly Cell[]
): Promise<{ outcomes: readonly Outcome[]; leftOut: readonly LeftOut[] }> {
  const rateFor = rates()
  const outcomes: Outcome[] = []
  const leftOut: LeftOut[] = []
  for (const [index, cell] of cells.entries()) {
    const name = `${index + 1}/${cells.length} ${titleOf(cell)}`
    const { kind } = cell.front
    if (kind !== 'kubernetes' && !isInstalled(kind)) {
      const why = `there is no ${kind} on this machine`
      leftOut.push({ cell: titleOf(cell), why })
      console.log(`${name}: LEFT OUT, ${why}`)
    } else {
      const outcome = await rolled(cell, rateFor)
      outcomes.push(outcome)
      console.log(`${name}: ${inWords(outcome)}`)
    }
  }
  return { outcomes, leftOut }
}

async function rolled(cell: Cell, rateFor: ReturnType<typeof rates>): Promise<Outcome> {
  const stack = new Stack()
  try {
    return await roll(stack, cell, rateFor)
  } finally {
    await stack.unwind()
  }
}

/** Half of what can be answered, found once for each thing in front, so that all subjects get the same. */
function rates(): (cell: Cell, load: Load) => Promise<number> {
  const known = new Map<string, number>()
  return async ({ front, backends }, load) => {
    const key = JSON.stringify([front, backends])
    const rate = known.get(key) ?? Math.round((await load.capacity(1_000)) / 2)
    known.set(key, rate)
    return rate
  }
}

function inWords({ tally, took, restart, exits, troubles, rate }: Outcome): string {
  const failed = failuresOf(tally)
  const why = failed === 0 ? '' : `\n    ${JSON.stringify(tally.failed)} ${JSON.stringify(troubles)}`
  return (
    `${failed} of ${tally.sent} failed; p99 ${tally.restarting.p99.toFixed(0)} ms, ` +
    `${tally.steady.p99.toFixed(0)} ms outside; ${rate} per second; roll ${(took / 1_000).toFixed(1)} s, ` +
    `signal to exit ${restart.toFixed(0)} ms, ${JSON.stringify(exits)}${why}`
  )
}
