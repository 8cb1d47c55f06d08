import { logFailedExitListener } from '../telemetry/log-process.ts'
import { now } from '../time/clock.ts'
import { type EndingProcess, isExiting, replaceReallyExit } from '../undocumented/process-end.ts'
import type { Surmise } from '../undocumented/threads.ts'
import type { ExitFacts, Facts, Verdict } from '../watchdog/facts.ts'
import { type ExitSystem, thisSystem } from './exit-system.ts'

/** The end of a process that the guard watches over. */
export interface GuardedEnd {
  /** Whether a shutdown ends the process. If not, other code decides when it ends, and the guard does nothing. */
  endsProcess(): boolean
  /**
   * If something holds the exit: when the process is replaced, and when it is killed, in ms on the monotonic
   * clock.
   */
  times(): { readonly giveUpAt: number; readonly deadline: number }
  /** The number of the watchdog's thread, or 0, and whether that thread can kill the process. */
  watchdog(): { readonly thread: number; readonly isAlive: boolean }
  /** The facts for the last line. */
  facts(): Facts
  /** Called when the process begins to exit. */
  begun(exit: BegunExit): void
  /**
   * Called with what the exit waits for. The guard calls it again and again, so that the watchdog sees no
   * stall.
   */
  waits(exit: ExitFacts): void
}

/** How a process came to exit. */
export interface BegunExit {
  readonly code: number
  /** The error that nobody caught, or an error whose stack shows the caller of `process.exit()`. */
  readonly error: unknown
  readonly isCrash: boolean
}

/** How much later than the watchdog the main thread kills, in ms. The watchdog may take 240 ms for its line. */
const afterWatchdog = 500

/** The longest pause between two looks at what holds the exit, in ms. */
const longestPause = 20

/**
 * Guards every end of the process: a call of `process.exit()`, an uncaught error, or an event loop that has
 * nothing left to do. Returns a function that gives the end back to Node.js.
 */
export function guardExit(
  end: GuardedEnd,
  target: EndingProcess = process as unknown as EndingProcess,
  system: ExitSystem = thisSystem
): () => void {
  return new ExitGuard(end, target, system).stand()
}

class ExitGuard {
  readonly #end: GuardedEnd
  readonly #target: EndingProcess
  readonly #system: ExitSystem
  readonly #words: ReturnType<ExitSystem['lastWords']>
  #hasBegun = false
  #runsListeners = false
  #hasTriedToReplace = false
  /** The error that ends the process because nobody caught it. */
  #uncaught: { readonly error: unknown } | undefined

  constructor(end: GuardedEnd, target: EndingProcess, system: ExitSystem) {
    this.#end = end
    this.#target = target
    this.#system = system
    this.#words = system.lastWords()
  }

  stand(): () => void {
    const target = this.#target
    const onUncaught = (error: unknown) => {
      if (target.listenerCount('uncaughtException') === 0) this.#uncaught = { error }
    }
    const onExit = (code: number) => {
      if (isExiting(target)) this.#exit(code, onExit)
    }
    target.on('uncaughtExceptionMonitor', onUncaught)
    // This listener comes first: an earlier one that throws or ends the process would keep it from running.
    target.prependListener('exit', onExit)
    const giveBack = replaceReallyExit(target, (code, really) => this.#reallyExit(code, really))
    return () => {
      target.removeListener('uncaughtExceptionMonitor', onUncaught)
      target.removeListener('exit', onExit)
      giveBack()
      this.#words.close()
    }
  }

  get #isGuarded(): boolean {
    return this.#end.endsProcess() && this.#system.isWhole
  }

  /**
   * Calls the `'exit'` listeners in place of Node.js, so that a listener that throws does not keep others from
   * running.
   */
  #exit(given: number, own: (code: number) => void): void {
    this.#begin(given, own)
    // The guard of another version is a listener too, and calls this listener again. The flag prevents an
    // endless loop.
    if (!this.#isGuarded || this.#runsListeners) return
    this.#runsListeners = true
    for (const listener of this.#target.rawListeners('exit')) {
      if (listener !== own) this.#call(listener, given)
    }
    this.#target.reallyExit?.(this.#code(given))
  }

  #begin(code: number, own: (...given: never[]) => unknown): void {
    if (this.#hasBegun) return
    this.#hasBegun = true
    const isCrash = this.#uncaught !== undefined
    attempt(() => this.#end.begun({ code, isCrash, error: isCrash ? this.#uncaught?.error : callerOf(own) }))
  }

  #call(listener: unknown, code: number): void {
    const run = listener as ((code: number) => void) & { readonly listener?: { readonly name: string } }
    const name = (run.listener ?? run).name || '(anonymous)'
    attempt(() => this.#end.waits({ code: this.#code(code), listener: name }))
    try {
      run.call(this.#target, code)
    } catch (error) {
      logFailedExitListener(name, error)
    }
  }

  /** The exit code. A listener may have changed it, as Node.js allows. */
  #code(given: number): number {
    return Number(this.#target.exitCode ?? given)
  }

  /**
   * Node.js would now wait for every busy thread, after the watchdog's thread has ended. So the guard waits
   * here, while the watchdog still runs.
   */
  #reallyExit(given: number | undefined, really: (code: number) => void): void {
    const code = given ?? this.#code(0)
    this.#begin(code, this.#target.reallyExit as () => void)
    if (this.#isGuarded) this.#waitUntilFree(code)
    really(code)
  }

  #waitUntilFree(code: number): void {
    this.#words.useReserve()
    const hasWorkers = this.#system.endWorkers()
    const hasRequests = this.#system.poolRequests().length > 0
    const look = () => this.#holders({ hasWorkers, hasRequests, watchdog: this.#end.watchdog().thread })
    let hasBeenHeld = false
    for (let pause = 1; ; pause = Math.min(2 * pause, longestPause)) {
      const heldBy = look()
      attempt(() => this.#end.waits({ code, heldBy }))
      if (heldBy.length > 0) {
        hasBeenHeld = true
        this.#giveUpInTime(code)
        // A thread is free for a moment between two jobs, so it counts as free only if two looks in a row find
        // it free.
      } else if (!hasBeenHeld) return
      else hasBeenHeld = false
      this.#system.sleep(Math.min(pause, Math.max(1, this.#end.times().giveUpAt - now())))
    }
  }

  /**
   * What holds the exit. If the system does not tell about threads, this is any request to the pool that is
   * still open at `giveUpAt`.
   */
  #holders(surmise: Surmise): readonly string[] {
    const threads = this.#system.holdingThreads(surmise)
    if (threads !== undefined) return threads
    return now() < this.#end.times().giveUpAt ? [] : this.#system.poolRequests()
  }

  /**
   * Replaces the process, or kills it, if it is time for that. Returns while there is time, or if only the
   * watchdog can still help.
   */
  #giveUpInTime(code: number): void {
    const { giveUpAt, deadline } = this.#end.times()
    if (now() < giveUpAt) return
    if (!this.#hasTriedToReplace) {
      this.#hasTriedToReplace = true
      this.#system.replace(code, () => this.#say('LIFECYCLE_EXIT_HELD'))
    }
    if (now() < deadline + (this.#end.watchdog().isAlive ? afterWatchdog : 0)) return
    this.#say('LIFECYCLE_HARD_KILL')
    this.#system.kill()
  }

  #say(code: Verdict['code']): void {
    let facts: Partial<Facts> = {}
    attempt(() => {
      facts = this.#end.facts()
    })
    this.#words.say({ code, at: now(), blockedFor: 0 }, facts)
  }
}

/** Runs code that only reports. An error in such code must not keep the process from ending. */
function attempt(tell: () => void): void {
  try {
    tell()
  } catch {
    // The exit goes on.
  }
}

/** An error whose stack begins with the caller of this function. */
function callerOf(called: (...given: never[]) => unknown): Error {
  const error = new Error('the process was ended')
  Error.captureStackTrace(error, called)
  return error
}
