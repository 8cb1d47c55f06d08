/** How long a terminal and its child processes may take to repeat one Ctrl-C, in ms. */
const oneKeystroke = 500

/**
 * What a signal means that comes while the apps shut down. Machines repeat SIGTERM: platforms, process
 * managers, and libraries that send it again when they have stopped. That changes nothing, because a platform
 * that cannot wait sends SIGKILL. A person who repeats Ctrl-C wants the process to end now.
 */
export class RepeatedSignals {
  /** When the last signal came that counts: the first of all, and each Ctrl-C after it. */
  #last: number | undefined
  #isTold = false

  /** The shutdown began at `since`, with a signal or otherwise. */
  constructor(since: number, beganWithSignal: boolean) {
    this.#last = beganWithSignal ? since : undefined
  }

  /**
   * - `'tell'`: it changes nothing, and that is worth a line, once.
   * - `'ignore'`: it changes nothing.
   * - `'insist'`: somebody wants the end now.
   */
  meaningOf(signal: NodeJS.Signals, at: number): 'tell' | 'ignore' | 'insist' {
    // A platform may stop with SIGINT what shuts down already because of a crash.
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
