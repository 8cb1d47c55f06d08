import { spellTime } from './spell-time.ts'

/**
 * The clients that still sent requests after the shutdown had begun. Probes, and requests from this machine, are left
 * out.
 */
export interface ArrivalReport {
  /** How many requests arrived. */
  readonly count: number
  /** How many of these requests arrived after the drain had begun, too late to be served. */
  readonly afterDrain: number
  /** When the last request arrived, in ms from the shutdown's beginning. */
  readonly last: number
  /** How many requests came on connections that were opened after the shutdown had begun. */
  readonly onNew: number
  /** How many requests came on connections that were already open. */
  readonly onKept: number
  /** The first five addresses that sent requests. Behind a balancer, these are the addresses of the balancer. */
  readonly addresses: readonly ArrivalAddress[]
  /** How many requests came from other addresses. */
  readonly others: number
  /** How to change `lameDuck`, if a change would help. */
  readonly advice?: string
}

/** An address that still sent requests. */
export interface ArrivalAddress {
  readonly address: string
  readonly count: number
  /** When the last request of this address arrived, in ms from the shutdown's beginning. */
  readonly last: number
}

/** The times that the advice depends on, in ms from the shutdown's beginning. */
interface Times {
  /** The longest time that `lameDuck` allows. */
  readonly window: number
  readonly hasEndedEarly: boolean
  readonly drainAt: number
  /** When the listener was closed; `undefined` if it was not closed. */
  readonly closingAt: number | undefined
}

/** A pause of this length before the listener closes shows that nobody sends requests any more, in ms. */
const telling = 250

/** The advice rounds a shorter window up to a multiple of this, in ms. */
const step = 500

/** How to change `lameDuck`, by the times at which requests arrived. */
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
