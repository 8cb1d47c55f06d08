import { setTimeout as sleep } from 'node:timers/promises'
import type { Node } from '../nodes.ts'
import type { Subject } from '../subjects.ts'
import { type Exit, Running } from './running.ts'
import { disturbed, type Scenario, type Seen } from './scenario.ts'

/** What one run showed. */
export interface Observation {
  /** From the beginning of the shutdown to the end of the process, in ms; `null` where it never ended. */
  readonly ms: number | null
  readonly code: number | null
  readonly signal: string | null
  /** How many shutdown hooks had begun. */
  readonly hooks: number
  readonly seen: Seen
  /** Whether the clients were stopped by something else on the machine, which says nothing of the subject. */
  readonly disturbed?: true
}

/** A process that is alive so many ms after its time was up is given up. */
export const patience = 2_000

/** Runs a scenario once, with one subject, in a process of its own. */
export async function observe(scenario: Scenario, subject: Subject, node: Node): Promise<Observation> {
  const setup = subject.canWait ? scenario.setup : { ...scenario.setup, lameDuck: 0 }
  const running = await Running.start(subject.name, setup, node)
  try {
    const seeing = scenario.act(running)
    const began = await Promise.race([running.begun, seeing.then(() => running.begun)])
    const exit = await ended(running, began + setup.deadline + (setup.lameDuck ?? 0) + patience)
    const { hooks } = running
    if (exit === undefined) await running.end()
    const { [disturbed]: stopped, ...seen } = await seeing
    return {
      ms: exit === undefined ? null : round(exit.at - began),
      code: exit?.code ?? null,
      signal: exit?.signal ?? null,
      hooks,
      seen,
      ...(stopped === undefined ? {} : { disturbed: true })
    }
  } finally {
    await running.end()
  }
}

/** `undefined` where the process is still there at that time. */
async function ended(running: Running, limit: number): Promise<Exit | undefined> {
  const controller = new AbortController()
  const late = sleep(limit - performance.now(), undefined, { signal: controller.signal }).catch(
    () => undefined
  )
  try {
    return await Promise.race([running.exited, late])
  } finally {
    controller.abort()
  }
}

function round(ms: number): number {
  return Math.round(ms * 10) / 10
}
