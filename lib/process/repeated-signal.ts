/** How long a terminal and its child processes may take to repeat one Ctrl-C, in ms. */
const oneKeystroke = 500

/**
 * Decides what a signal means that arrives while the apps shut down. Platforms, process managers and libraries
 * may repeat SIGTERM. A repeated SIGTERM changes nothing, because a platform that cannot wait sends SIGKILL. A
 * person who repeats Ctrl-C wants the process to end now.
 */
export class RepeatedSignals {
  /** When the last signal arrived that counts: the first signal, or a later Ctrl-C. */
  #last: number | undefined
  #isTold = false

  /** The shutdown began at `since`, with a signal or otherwise. */
  constructor(since: number, beganWithSignal: boolean) {
    this.#last = beganWithSignal ? since : undefined
  }

  /**
   * - `'tell'`: the signal changes nothing, and one log line says so.
   * - `'ignore'`: the signal changes nothing, and nothing is logged.
   * - `'insist'`: a person wants the process to end now.
   */
  meaningOf(signal: NodeJS.Signals, at: number): 'tell' | 'ignore' | 'insist' {
    // A platform may send SIGINT as its stop signal to an app that already shuts down because of a crash.
    const isFirst = this.#last === undefined
    const isSame = !isFirst && at - (this.#last as number) <= oneKeystroke
    if (signal === 'SIGINT' && !isFirst && !isSame) {
      this.#last = at
      return 'insist'
    }
    this.#last ??= at
    if (this.#isTold || (signal === 'SIGINT' && isSame)) return 'ignore'
    this.#isTold = true
    return 'tell'
  }
}
