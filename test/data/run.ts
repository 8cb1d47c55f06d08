import { type Ledger, order } from './clients.ts'
import { type Findings, find } from './findings.ts'
import { type End, Fleet } from './fleet.ts'
import type { Ground } from './ground.ts'
import { type Ending, isKilled, schedule } from './schedule.ts'

/** What is to be run. */
export interface RunSetup {
  readonly ground: Ground
  /** How many instances there are, and how many of them restart at a time. */
  readonly places: number
  readonly lanes: number
  readonly endings: readonly Ending[]
  readonly restarts: number
  readonly seed: number
  /** Whether the hooks run in the wrong order. */
  readonly isReversed?: boolean
  /** Gives up, and cleans up. */
  readonly signal?: AbortSignal
}

/** What came of it. */
export interface Run {
  readonly ends: readonly End[]
  readonly ledger: Ledger
  readonly findings: Findings
  readonly leftInQueue: number
  readonly seconds: number
}

/** Restarts instances of the bank under load, and looks what has become of the money. */
export async function run(setup: RunSetup): Promise<Run> {
  const { ground, endings, places, isReversed = false } = setup
  // A job that a killed instance has left behind must not be waited for long; one of an instance that
  // is only slow must not be taken from it.
  const lease = isReversed || endings.some(isKilled) ? '1000' : '10000'
  // What it covers is covered elsewhere, and writing it down would take longer than the shutdown.
  const env = { ...ground.env, OUTBOX_LEASE: lease, LAME_DUCK: '150', NODE_V8_COVERAGE: '' }
  const fleet = new Fleet(places, { isReversed, isAlone: ground.isAlone }, env)
  const begin = performance.now()
  const over = new AbortController()
  try {
    await fleet.listening()
    const ordered = order(fleet, { clients: 4 * places, accounts: 20, signal: over.signal })
    await roll(fleet, setup)
    over.abort()
    const ledger = await ordered
    await fleet.settle()
    await fleet.stop()
    const findings = await ground.look((query) => find(query, ledger))
    const leftInQueue = await ground.queueLength()
    const seconds = (performance.now() - begin) / 1_000
    return { ends: fleet.ends, ledger, findings, leftInQueue, seconds }
  } finally {
    over.abort()
    fleet.kill()
    await ground.remove()
  }
}

/** Each lane has some of the places, and restarts one after another. */
async function roll(
  fleet: Fleet,
  { endings, restarts, seed, places, lanes, signal }: RunSetup
): Promise<void> {
  const todo = schedule(endings, restarts, seed)
  const rolled = Array.from({ length: lanes }, async (_, lane) => {
    for (let place = lane; todo.length > 0; place = place + lanes < places ? place + lanes : lane) {
      signal?.throwIfAborted()
      const restart = todo.shift()
      if (restart !== undefined) await fleet.restart(place, restart)
    }
  })
  await Promise.all(rolled)
}

/** What must not be, of the data, however the instances ended. Empty if all is well. */
export function dataProblems({ findings, leftInQueue }: Pick<Run, 'findings' | 'leftInQueue'>): string[] {
  const { transfers, ...wrong } = findings
  const problems = Object.entries({ ...wrong, leftInQueue }).filter(([, count]) => count !== 0)
  return problems.map(([what, count]) => `${what}: ${count} of ${transfers} transfers`)
}

/** What must not be, of the instances and their requests: only a kill excuses anything. */
export function serviceProblems({ ends, ledger }: Run): string[] {
  const anyKilled = ends.some(({ ending }) => isKilled(ending))
  return [
    ...ends.flatMap(endProblems),
    ...ledger.failed
      .filter(({ instance }) => !isKilled(instance.ending))
      .map(
        ({ why, instance }) => `request failed: ${why}, at an instance that ended with ${instance.ending}`
      ),
    ...ends.filter(() => !anyKilled).flatMap(jobProblems)
  ]
}

function endProblems({ ending, exit, instance }: End): string[] {
  if (isKilled(ending)) return []
  // It may be hit before it has a lifecycle, or even JavaScript.
  if (ending === 'SIGTERM while it starts' && exit.signal === 'SIGTERM') return []
  const expected = ending === 'crash' ? 1 : 0
  const problems = exit.code === expected ? [] : [`exit ${exit.code ?? exit.signal} after ${ending}`]
  const hooks = instance.app.logs.at(-1)?.report?.hooks ?? []
  for (const { name, outcome, error } of hooks) {
    if (outcome !== 'ok') problems.push(`hook '${name}': ${outcome}, ${error?.message}`)
  }
  return problems
}

/** A job is begun twice only where the instance that had begun it was killed. */
function jobProblems({ ending, instance }: End): string[] {
  const lines = instance.app.logs.filter(({ msg }) => msg.startsWith('job'))
  return lines.map(({ msg, transfer }) => `${msg}: ${transfer}, at an instance that ended with ${ending}`)
}
