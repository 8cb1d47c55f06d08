import type { FastifyBaseLogger } from 'fastify'
import { phaseOrder } from '../phases.ts'
import type { ShutdownReason } from '../report/reason.ts'
import { bindingsOf } from '../telemetry/log.ts'
import { now } from '../time/clock.ts'
import { type ExitFacts, type Facts, mergeOutstanding, type Outstanding } from '../watchdog/facts.ts'
import type { KillSettings } from '../watchdog/limits.ts'
import type { Wanted } from './signals.ts'

/** What the coordinator needs of an app. Two copies of this package share this interface, and nothing else. */
export interface Member {
  readonly settings: Wanted & KillSettings
  readonly app: { readonly log: FastifyBaseLogger }
  /**
   * `left` is the time for this app's shutdown, in ms. It is only given if it is less than the app's own
   * deadline.
   */
  begin(reason: ShutdownReason, left?: number): Promise<{ readonly exitCode: number }>
  /** Ends the app's lame duck, and returns whether the lame duck was still open. */
  endLameDuck(): boolean
  abandon(): void
  crashed(error: unknown): void
  outstanding(): Outstanding
  /** The names of the hooks that have not begun. */
  unstartedHooks(): readonly string[]
}

export function logsOf(members: readonly Member[]): FastifyBaseLogger[] {
  return members.map(({ app }) => app.log)
}

/** The facts about what all these apps are doing. */
export function factsOf(members: readonly Member[], exit: ExitFacts | undefined): Facts {
  const outstanding = mergeOutstanding(
    members.map((member) => member.outstanding()),
    phaseOrder
  )
  const bindings = bindingsOf((members[0] as Member).app.log)
  return { ...outstanding, at: now(), bindings, ...(exit !== undefined && { exit }) }
}
