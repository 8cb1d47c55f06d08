import { spellTime } from './spell-time.ts'

/** Who still sent requests after the shutdown had begun: probes, and what comes from this machine, are left out. */
export interface ArrivalReport {
  /** How many requests arrived. */
  readonly count: number
  /** How many of them arrived after the drain had begun, too late to be served. */
  readonly afterDrain: number
  /** When the last one arrived, in ms from the shutdown's beginning. */
  readonly last: number
  /** How many came on connections that were opened after the shutdown had begun. */
  readonly onNew: number
  /** How many came on connections that were open already. */
  readonly onKept: number
  /** The first five addresses that sent requests: behind a balancer, the balancer's. */
  readonly addresses: readonly ArrivalAddress[]
  /** How many requests came from other addresses. */
  readonly others: number
  /** What follows for `lameDuck`, if anything does. */
  readonly advice?: string
}

/** An address that still sent requests. */
export interface ArrivalAddress {
  readonly address: string
  readonly count: number
  /** When its last one arrived, in ms from the shutdown's beginning. */
  readonly last: number
}

/** When the listener was open, in ms from the shutdown's beginning. */
interface Times {
  /** The longest time that `lameDuck` allows. */
  readonly window: number
  readonly hasEndedEarly: boolean
  readonly drainAt: number
  /** When the listener was closed; `undefined` where it was not. */
  readonly closingAt: number | undefined
}

/** So long a pause before the listener closes tells that nobody sends any more, in ms. */
const telling = 250

/** A shorter window is advised in such steps, in ms. */
const step = 500

/** What somebody should do about `lameDuck`, who knows when requests arrived. */
export function adviceOn(
  { afterDrain, last }: Pick<ArrivalReport, 'afterDrain' | 'last'>,
  { window, hasEndedEarly, drainAt, closingAt }: Times
): string | undefined {
  if (afterDrain > 0) {
    const until = `requests arrived until ${spellTime(last)}`
    if (closingAt === undefined || closingAt - last < telling) return `${until}, when the listener closed`
    if (window === 0) return `${until}: there is no \`lameDuck\``
    return `${until}: \`lameDuck\` was ${spellTime(last - drainAt)} too short`
  }
  const enough = Math.max(step, Math.ceil(last / step) * step)
  if (hasEndedEarly || enough > window / 2) return undefined
  return `nothing came after ${spellTime(last)}: \`lameDuck: ${enough}\` would do`
}
