import type { FastifyBaseLogger } from 'fastify'
import { logContested } from '../telemetry/log-signals.ts'
import { type Contender, describeListener, type Watch } from './signals.ts'

/**
 * Who else listens to the same signals. The first listener that ends the process cuts the others off, so each
 * is named, once.
 */
export class Contest {
  readonly #named = new WeakSet<object>()

  /** Names those that were not named before: of one signal, or of all. */
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
