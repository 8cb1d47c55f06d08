import type { Life } from '../lib/app/life.ts'
import type { HookPhase } from '../lib/phases.ts'
import { hookPhases } from '../lib/phases.ts'
import { Coordinator } from '../lib/process/coordinator.ts'
import type { ShutdownSignal } from '../lib/process/shutdown-signals.ts'
import type { Report } from '../lib/report/report.ts'
import { itemsOf } from '../lib/validation/read.ts'
import { describe, milliseconds, oneOf, onlyKeys } from '../lib/validation/validate.ts'
import { type AppUnderTest, lifeOf } from './app.ts'
import { FST_LIFECYCLE_TEST_APP, FST_LIFECYCLE_TEST_UNHEARD } from './errors.ts'
import { FakeHost } from './fake-host.ts'
import { type Hold, Holds } from './hold.ts'

/** How a fake process differs from a real one. */
export interface FakeProcessOptions {
  /**
   * The longest time for a hook, the drain and the lame duck, in ms. It limits the app's options, so that a
   * test need not wait 5 s for a hook that hangs. `deadline` stays as it is.
   *
   * @default as long as the app's options say
   * @example
   * ```ts
   * const fake = fakeProcess(app, { maxWait: 200 })
   * ```
   */
  maxWait?: number | undefined
}

/** How a fake process ended. */
export interface FakeExit {
  /** The exit code that the process would have had; `undefined` if an app keeps it alive with `exit: false`. */
  readonly exitCode: number | undefined
  /** The report of the app, or of the first app if there are several. */
  readonly report: Report
  /** The reports of all apps, in the order in which they were given. */
  readonly reports: readonly Report[]
}

/**
 * Puts apps into a fake process. From now on, the apps receive no signal and no crash of the real process, and
 * never end it. They shut down with the same code as after a real signal, and with the options of their
 * registration.
 *
 * Two things of a real process are missing. There is no watchdog, so nothing ends a blocked event loop. And
 * there are no other listeners for the same signals.
 *
 * Throws `FST_LIFECYCLE_TEST_APP` for a value that is not an app with the plugin. Throws
 * `FST_LIFECYCLE_TEST_TOO_LATE` for an app that has begun to shut down. Throws `FST_LIFECYCLE_OPTION_INVALID`
 * or `FST_LIFECYCLE_OPTION_UNKNOWN` for bad options.
 *
 * @param apps One app, or several apps that share the process.
 * @default {}
 * @example
 * ```ts
 * const app = await build()
 * const { exitCode, report } = await fakeProcess(app).kill('SIGTERM')
 * ```
 */
export function fakeProcess(
  apps: AppUnderTest | readonly AppUnderTest[],
  options: FakeProcessOptions = {}
): FakeProcess {
  const { maxWait } = onlyKeys<FakeProcessOptions>('', options, ['maxWait'])
  if (maxWait !== undefined) milliseconds('maxWait', maxWait)
  const several = (itemsOf(apps) ?? [apps]) as AppUnderTest[]
  if (several.length === 0) throw new FST_LIFECYCLE_TEST_APP('an empty array')
  return new FakeProcess(several, maxWait ?? Number.POSITIVE_INFINITY)
}

/** A process that exists only for a test, with its apps. */
export class FakeProcess implements AsyncDisposable {
  /**
   * Resolves when the process would have exited, after a signal, a crash, or the app's own
   * `lifecycle.shutdown()`. `app.close()` does not exit a process. If an app has `exit: false`, the process
   * lives on, and this promise resolves with the last report.
   */
  readonly exited: Promise<FakeExit>
  readonly #apps: readonly AppUnderTest[]
  readonly #host = new FakeHost()
  readonly #holds: Holds

  /** @internal */
  constructor(apps: readonly AppUnderTest[], maxWait: number) {
    const lives = apps.map(lifeOf)
    this.#apps = apps
    this.exited = exitOf(lives, this.#host)
    this.#holds = new Holds(lives, this.exited)
    const coordinator = new Coordinator(this.#host)
    for (const life of lives) {
      life.moveTo({ coordinator, maxWait, held: (phase) => this.#holds.of(phase), ends: false })
    }
  }

  /**
   * Sends a signal to the fake process. As in a real process, a second signal changes nothing, unless it is a
   * SIGINT more than 500 ms after the first. Such a SIGINT ends the lame duck or, after the lame duck, exits
   * at once with code 1.
   *
   * Throws `FST_LIFECYCLE_TEST_UNHEARD` for a signal that no app listens to.
   *
   * @default 'SIGTERM'
   * @returns what `exited` does.
   * @example
   * ```ts
   * const { exitCode, report } = await fake.kill('SIGINT')
   * ```
   */
  kill(signal: ShutdownSignal = 'SIGTERM'): Promise<FakeExit> {
    const { events } = this.#host
    if (!events.signals.includes(signal)) {
      const given = typeof signal === 'string' ? signal : describe(signal)
      throw new FST_LIFECYCLE_TEST_UNHEARD(given, 'signals')
    }
    events.onSignal(signal as NodeJS.Signals)
    return this.exited
  }

  /**
   * Sends an uncaught error to the fake process.
   *
   * Throws `FST_LIFECYCLE_TEST_UNHEARD` if every app has `crashes: false`.
   *
   * @param type 'uncaughtException' if the error was thrown, 'unhandledRejection' if a promise was rejected with it.
   * @default 'uncaughtException'
   * @returns what `exited` does.
   * @example
   * ```ts
   * const { exitCode } = await fake.crash(new Error('out of paper'))
   * ```
   */
  crash(error: unknown, type: NodeJS.UncaughtExceptionOrigin = 'uncaughtException'): Promise<FakeExit> {
    const { events } = this.#host
    oneOf('type', type, ['uncaughtException', 'unhandledRejection'])
    if (!events.crashes) throw new FST_LIFECYCLE_TEST_UNHEARD('crashes', 'crashes')
    events.onCrash(type, error)
    return this.exited
  }

  /**
   * Holds a phase open, so that a test can inspect the app. The shutdown does not go on before the test
   * releases the phase. The deadline still counts.
   *
   * Throws `FST_LIFECYCLE_TEST_TOO_LATE` for a phase that has begun.
   *
   * @param phase 'lameDuck': requests are served, readiness fails. 'draining': new requests are
   * answered 503. 'closing': new connections are refused, `onClose` hooks have not run.
   * @example
   * ```ts
   * const draining = fake.hold('draining')
   * const exit = fake.kill('SIGTERM')
   * await draining.reached
   * assert.equal((await app.inject('/')).statusCode, 503)
   * draining.release()
   * const { exitCode } = await exit
   * ```
   */
  hold(phase: HookPhase): Hold {
    return this.#holds.add(oneOf('phase', phase, hookPhases))
  }

  /**
   * Ends the fake process, in whatever state the test left it. Releases all held phases, and closes the apps
   * that are still open. Call it in `afterEach`, or declare the fake process with `await using`.
   */
  async close(): Promise<void> {
    this.#holds.releaseAll()
    const open = this.#apps.filter(({ lifecycle }) => lifecycle.report === null)
    // Errors are ignored here: this code only cleans up, and other code receives the error of a failed hook.
    const closed = Promise.allSettled(open.map((app) => app.close()))
    await Promise.race([closed, this.exited])
  }

  /** For `await using`: the same as `close`. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }
}

async function exitOf(lives: readonly Life[], { exited }: FakeHost): Promise<FakeExit> {
  const ends = lives.every(({ settings }) => settings.exit)
  const reported = Promise.all(lives.map(reportOf))
  const exitCode = ends ? await exited : await reported.then(() => undefined)
  const reports = await reported
  return { exitCode, report: reports[0] as Report, reports }
}

function reportOf(life: Life): Promise<Report> {
  return new Promise((resolve) => {
    life.events.emitter.on('report', resolve)
  })
}
