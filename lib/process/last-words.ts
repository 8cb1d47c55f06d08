import fs from 'node:fs'
import { hostname } from 'node:os'
import { boundedFacts } from '../watchdog/bounded-facts.ts'
import type { Facts, Verdict } from '../watchdog/facts.ts'
import { killLine } from '../watchdog/kill-line.ts'
import { StandardError } from '../watchdog/standard-error.ts'

/**
 * The last line that the main thread itself writes. Standard error is opened early, because no descriptor may
 * be free at the end.
 */
export class LastWords {
  readonly #stderr: Pick<StandardError, 'write' | 'close'>
  readonly #hostname = hostname()
  #reserve: number | undefined

  constructor(stderr: Pick<StandardError, 'write' | 'close'> = new StandardError()) {
    this.#stderr = stderr
    try {
      this.#reserve = fs.openSync('/dev/null', 'r')
    } catch {
      // The descriptors are used up already, or there is no such file.
    }
  }

  /** Frees the descriptor that was kept for the end. */
  useReserve(): void {
    if (this.#reserve !== undefined) fs.closeSync(this.#reserve)
    this.#reserve = undefined
  }

  say(verdict: Verdict, facts: Partial<Facts>): void {
    const line = killLine(verdict, boundedFacts(facts as Facts), [], {
      pid: process.pid,
      hostname: this.#hostname,
      time: Date.now()
    })
    const text = `${JSON.stringify(line)}\n`
    try {
      // If this blocks, the watchdog still kills the process.
      if (!this.#stderr.write(text)) fs.writeSync(2, text)
    } catch {
      // The line cannot be written anywhere else.
    }
  }

  close(): void {
    this.useReserve()
    this.#stderr.close()
  }
}
