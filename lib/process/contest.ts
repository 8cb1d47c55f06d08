import type { FastifyBaseLogger } from 'fastify'
import { logContested } from '../telemetry/log-signals.ts'
import { type Contender, describeListener, type Watch } from './signals.ts'

/**
 * Logs the listeners of other code for the same signals, each once. If such a listener ends the process, no
 * other listener can finish. So the log names each of them.
 */
export class Contest {
  readonly #named = new WeakSet<object>()

  /** Logs the listeners that were not logged before: those of one signal, or of all signals. */
  look(watch: Watch, log: FastifyBaseLogger, signal?: NodeJS.Signals): void {
    const isNew = (contender: Contender) =>
      !this.#named.has(contender.listener) && (signal ?? contender.signal) === contender.signal
    const contenders = watch.contenders().filter(isNew)
    if (contenders.length === 0) return
    for (const { listener } of contenders) this.#named.add(listener)
    logContested(
      log,
      contenders.map(({ signal, listener }) => ({ signal, listener: describeListener(listener) }))
    )
  }
}
