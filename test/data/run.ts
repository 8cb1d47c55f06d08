import { randomBytes } from 'node:crypto'
import { type Ledger, order } from './clients.ts'
import { type Findings, find } from './findings.ts'
import { type End, Fleet } from './fleet.ts'
import { isKilled, type Mix, schedule } from './schedule.ts'
import { environmentFor, queueLength, removeAll, withDatabase } from './services.ts'

/** What is to be run. */
export interface RunSetup {
  readonly mix: Mix
  readonly restarts: number
  readonly seed: number
  /** Whether the hooks run in the wrong order. */
  readonly isReversed?: boolean
}

/** What came of it. */
export interface Run {
  readonly ends: readonly End[]
  readonly ledger: Ledger
  readonly findings: Findings
  readonly leftInQueue: number
  readonly seconds: number
}

/** A balancer needs two others to send clients to, while two restart. */
const places = 4

/** Restarts instances of the bank under load, two at a time, and looks what has become of the money. */
export async function run({ mix, restarts, seed, isReversed = false }: RunSetup): Promise<Run> {
  const name = `bank_${randomBytes(5).toString('hex')}`
  // A job that a killed instance has left behind must not be waited for long; one of an instance that
  // is only slow must not be taken from it.
  const lease = mix === 'rough' ? '1000' : '10000'
  const env = { ...environmentFor(name), OUTBOX_LEASE: lease, LAME_DUCK: '150' }
  const fleet = new Fleet(places, { isReversed }, env)
  const begin = performance.now()
  try {
    await fleet.listening()
    const over = new AbortController()
    const ordered = order(fleet, { clients: 16, accounts: 20, signal: over.signal })
    const todo = schedule(mix, restarts, seed)
    const lanes = [0, 1].map(async (lane) => {
      for (let turn = lane; todo.length > 0; turn = (turn + 2) % places) {
        const restart = todo.shift()
        if (restart !== undefined) await fleet.restart(turn, restart)
      }
    })
    await Promise.all(lanes)
    over.abort()
    const ledger = await ordered
    await fleet.settle()
    await fleet.stop()
    const findings = await withDatabase(name, (query) => find(query, ledger))
    const leftInQueue = await queueLength(name)
    const seconds = (performance.now() - begin) / 1_000
    return { ends: fleet.ends, ledger, findings, leftInQueue, seconds }
  } finally {
    fleet.kill()
    await removeAll(name)
  }
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
      .filter(({ instance }) => instance.ending === undefined || !isKilled(instance.ending))
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
