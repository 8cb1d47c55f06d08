import { Coordinator } from '../lib/coordinator.ts'
import type { HookPhase } from '../lib/hooks.ts'
import { hookPhases } from '../lib/hooks.ts'
import type { Life } from '../lib/life.ts'
import type { ShutdownSignal } from '../lib/options.ts'
import type { Report } from '../lib/report.ts'
import { milliseconds, oneOf, onlyKeys } from '../lib/validate.ts'
import { type AppUnderTest, lifeOf } from './app.ts'
import { FST_LIFECYCLE_TEST_APP, FST_LIFECYCLE_TEST_UNHEARD } from './errors.ts'
import { FakeHost } from './fake-host.ts'
import { type Hold, Holds } from './hold.ts'

/** How a fake process differs from a real one. */
export interface FakeProcessOptions {
  /**
   * What a hook, the drain and the lame duck are given at most, in ms, whatever the app's options
   * say: a test need not wait 5 s for a hook that hangs. `deadline` stays as it is.
   *
   * @default as long as the app's options say
   * @example
   * ```ts
   * const fake = fakeProcess(app, { maxWait: 200 })
   * ```
   */
  maxWait?: number
}

/** How a fake process ended. */
export interface FakeExit {
  /** The code that the process would have had; `undefined` where it lives on, with `exit: false`. */
  readonly exitCode: number | undefined
  /** The report of the app, or of the first where there are several. */
  readonly report: Report
  /** The reports of all apps, in the order in which they were given. */
  readonly reports: readonly Report[]
}

/**
 * Puts apps into a process of their own that is not there: from now on they hear no signal and no
 * crash of the real process, and never end it. They are shut down with the very code that a real
 * signal starts, with the options that they were registered with.
 *
 * Only what is outside JavaScript is missing: the watchdog's thread, so that nothing ends a blocked
 * event loop; and other listeners to the same signals.
 *
 * Throws `FST_LIFECYCLE_TEST_APP` for what is not an app with the plugin,
 * `FST_LIFECYCLE_TEST_TOO_LATE` for one that has begun to shut down, and
 * `FST_LIFECYCLE_OPTION_INVALID` or `FST_LIFECYCLE_OPTION_UNKNOWN` for bad options.
 *
 * @param apps One app, or those that share the process.
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
  onlyKeys('', options, ['maxWait'])
  const { maxWait } = options
  if (maxWait !== undefined) milliseconds('maxWait', maxWait)
  const several = isSeveral(apps) ? apps : [apps]
  if (several.length === 0) throw new FST_LIFECYCLE_TEST_APP('an empty array')
  return new FakeProcess(several, maxWait ?? Number.POSITIVE_INFINITY)
}

function isSeveral(apps: AppUnderTest | readonly AppUnderTest[]): apps is readonly AppUnderTest[] {
  return Array.isArray(apps)
}

/** A process that exists for a test only, and the apps in it. */
export class FakeProcess implements AsyncDisposable {
  /**
   * Resolves when the process would have exited, whatever made it: a signal, a crash, or the app's
   * own `lifecycle.shutdown()`. A bare `app.close()` exits no process. Where an app has `exit: false`,
   * the process lives on, and this resolves with the last report.
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
   * Sends a signal to the fake process. As in a real one, a second signal within 500 ms of the first
   * is its echo, and a later one exits at once, with code 1.
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
    if (!events.signals.includes(signal)) throw new FST_LIFECYCLE_TEST_UNHEARD(signal, 'signals')
    events.onSignal(signal as NodeJS.Signals)
    return this.exited
  }

  /**
   * Lets the fake process hear of an error that nobody caught.
   *
   * Throws `FST_LIFECYCLE_TEST_UNHEARD` where every app has `crashes: false`.
   *
   * @param type 'uncaughtException' where it was thrown, 'unhandledRejection' where a promise was rejected with it.
   * @default 'uncaughtException'
   * @returns what `exited` does.
   * @example
   * ```ts
   * const { exitCode } = await fake.crash(new Error('out of paper'))
   * ```
   */
  crash(error: unknown, type: NodeJS.UncaughtExceptionOrigin = 'uncaughtException'): Promise<FakeExit> {
    const { events } = this.#host
    if (!events.crashes) throw new FST_LIFECYCLE_TEST_UNHEARD('crashes', 'crashes')
    events.onCrash(type, error)
    return this.exited
  }

  /**
   * Holds a phase open, so that a test can look at it: the shutdown does not go on before it is
   * released. The deadline still counts.
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
   * Ends it, wherever the test has left it: releases what is held, and closes the apps that are
   * still open. For `afterEach`; `await using` does it, too.
   */
  async close(): Promise<void> {
    this.#holds.releaseAll()
    const open = this.#apps.filter(({ lifecycle }) => lifecycle.report === null)
    // Whoever waits for a failed hook hears of it; this is only about leaving nothing behind.
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
    life.announcements.events.on('report', resolve)
  })
}
