import type { Phase } from 'fastify-lifecycle'
import { type AppMessage, nothing, type Tally } from './messages.ts'

/** How the demo stands, as far as its children have told. */
export class Progress {
  phase: Phase = 'starting'
  inFlight = 0
  tally: Tally = nothing
  /** What changed from one message of the load to the next, for the curves. */
  readonly history: { readonly served: number; readonly rejected: number; readonly inFlight: number }[] = []
  /** Where in the history the shutdown began. */
  signalledAt: number | undefined
  onPhase: () => void = () => {}
  readonly #start = performance.now()

  get elapsed(): number {
    return performance.now() - this.#start
  }

  hearApp(message: AppMessage): void {
    if ('inFlight' in message) this.inFlight = message.inFlight
    if ('phase' in message) {
      this.phase = message.phase
      if (this.phase === 'lameDuck') this.signalledAt = this.history.length
      this.onPhase()
    }
  }

  hearLoad(tally: Tally): void {
    this.history.push({
      served: tally.served - this.tally.served,
      rejected: tally.rejected - this.tally.rejected,
      inFlight: this.inFlight
    })
    this.tally = tally
  }

  /** The app is gone: the last that was heard of it is no longer so. */
  appIsGone(): void {
    this.inFlight = 0
  }
}

/** What each phase means for those who send requests. */
export const meanings: Readonly<Record<Phase, string>> = {
  starting: 'booting',
  ready: 'serving',
  lameDuck: 'SIGTERM: still serving, but /readyz says 503',
  draining: 'new requests get a 503, the others finish',
  closing: 'the listener closes, the last hooks run',
  closed: 'all is closed, the process exits'
}
