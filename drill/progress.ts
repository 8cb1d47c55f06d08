import type { Screen } from '../command/terminal.ts'
import type { Step } from './drill.ts'
import { ms } from './findings/finding.ts'
import type { Tally } from './tally.ts'

const period = 100

/** Writes the progress of a drill to stderr: in one line that changes or, if stderr is no terminal, in a few lines. */
export class Progress {
  readonly #screen: Screen
  readonly #isQuiet: boolean
  #timer: NodeJS.Timeout | undefined

  constructor(screen: Screen, isQuiet: boolean) {
    this.#screen = screen
    this.#isQuiet = isQuiet
  }

  /** `which` stands before the step: the number of the run, if there are several runs. */
  step(which: string, step: Step): void {
    if (this.#isQuiet) return
    this.#stopTimer()
    if (step.name === 'starting') this.#write(`${which}starting the app …`, true)
    else if (step.name === 'answers')
      this.#write(`${which}the app answers at ${step.target} after ${ms(step.bootTime)}`)
    else if (step.name === 'load') this.#count(`${which}load`, step.tally)
    else if (step.name === 'signalled') this.#count(`${which}signalled`, step.tally)
    else this.end()
  }

  /** Clears the line. */
  end(): void {
    this.#stopTimer()
    if (this.#screen.isTTY && !this.#isQuiet) this.#screen.write('\r\x1b[K')
  }

  #count(what: string, tally: Tally): void {
    const begin = performance.now()
    if (!this.#screen.isTTY) {
      this.#write(`${what} …`)
      return
    }
    const draw = () => {
      const { before, inFlight, after } = tally.counts
      const answered = before.answered + inFlight.answered + after.answered
      const lost = tally.harmed
      const seconds = ((performance.now() - begin) / 1_000).toFixed(1)
      this.#write(
        `${what} … ${seconds} s, ${answered} answered, ${after.toldToComeBack} told to come back, ${lost} lost`,
        true
      )
    }
    draw()
    this.#timer = setInterval(draw, period)
  }

  #stopTimer(): void {
    clearInterval(this.#timer)
  }

  #write(text: string, isPassing = false): void {
    const { isTTY, columns } = this.#screen
    if (isTTY) this.#screen.write(`\r\x1b[K${text.slice(0, columns - 1)}${isPassing ? '' : '\n'}`)
    else this.#screen.write(`${text}\n`)
  }
}
