import type { FastifyBaseLogger } from 'fastify'
import { FST_LIFECYCLE_HOOK_TIMEOUT } from '../errors.ts'
import { errorReportOf } from '../report/error-report.ts'
import type { ShutdownReason } from '../report/reason.ts'
import type { HookOutcome, HookReport } from '../report/report.ts'
import { traceHook } from '../telemetry/publish.ts'
import { now, round } from '../time/clock.ts'
import { isThenable, type Settled, within } from '../time/within.ts'
import type { OutstandingHook } from '../watchdog/facts.ts'
import type { HookPlan } from './graph.ts'
import type { Hook, HookContext } from './hook.ts'
import { type Inside, over, runInside } from './inside.ts'

/** One run of a hook, while the hook runs and after. */
export interface HookRun {
  readonly hook: Hook
  /** The names of the hooks that had to stop before it. */
  readonly waitedFor: readonly string[]
  /** The names in `waitedFor` whose hooks failed or timed out. */
  readonly despite: readonly string[]
  readonly start: number
  end: number | undefined
  outcome: HookOutcome
  error: unknown
}

/**
 * The report of a hook's run, with times since the shutdown began. A run that has not ended counts as lasting
 * until `until`.
 */
export function hookReportOf(run: HookRun, start: number, until: number): HookReport {
  const { hook, outcome, error, waitedFor, despite } = run
  return {
    name: hook.name,
    phase: hook.phase,
    outcome,
    at: round(run.start - start),
    duration: round((run.end ?? until) - run.start),
    waitedFor,
    despite,
    ...(error !== undefined && { error: errorReportOf(error) })
  }
}

/** What the hook runs of one shutdown need. */
export interface RunConditions {
  readonly reason: ShutdownReason
  readonly log: FastifyBaseLogger
  /** How many ms a hook may take, if a chain of `othersBehind` hooks waits for it. */
  limitOf(hook: Hook, othersBehind: number): number
  onStart(): void
  onEnd(run: HookRun): void
}

/** The hook runs of one shutdown, in the order in which they began. */
export class HookRuns {
  readonly all: HookRun[] = []
  /** The hooks that the app removed before they began. */
  readonly #skipped = new Set<Hook>()
  readonly #conditions: RunConditions

  constructor(conditions: RunConditions) {
    this.#conditions = conditions
  }

  get failed(): readonly HookRun[] {
    return this.all.filter(({ outcome }) => outcome !== 'ok')
  }

  get outstanding(): OutstandingHook[] {
    const running = this.all.filter(({ end }) => end === undefined)
    return running.map(({ hook: { name, phase }, start }) => ({ name, phase, age: round(now() - start) }))
  }

  /**
   * Runs the hooks of a phase, each as soon as the hooks that stop before it are done. A hook that fails or
   * takes too long is reported, and never keeps another hook from running.
   */
  async run(plan: HookPlan): Promise<void> {
    await inOrder(plan, (hook) => {
      if (hook.isTakenBack()) return void this.#skipped.add(hook)
      const limit = this.#conditions.limitOf(hook, plan.behind(hook))
      return this.#perform(this.#begin(hook, plan.waitsFor(hook)), limit)
    })
  }

  #begin(hook: Hook, waitsFor: readonly Hook[]): HookRun {
    const failed = this.failed.filter((other) => waitsFor.includes(other.hook))
    const run: HookRun = {
      hook,
      waitedFor: waitsFor.filter((other) => !this.#skipped.has(other)).map(({ name }) => name),
      despite: failed.map((other) => other.hook.name),
      start: now(),
      end: undefined,
      outcome: 'unfinished',
      error: undefined
    }
    this.all.push(run)
    this.#conditions.onStart()
    return run
  }

  /** Returns no promise for a synchronous hook, which saves time. */
  #perform(run: HookRun, limit: number): Promise<void> | undefined {
    const { hook } = run
    const { name, phase } = hook
    const { reason, log, onEnd } = this.#conditions
    const timeUp = new AbortController()
    const context: HookContext = {
      ...{ name, phase, reason, signal: timeUp.signal, timeout: limit },
      log: childOf(log, name)
    }
    const trace = traceHook(() => ({ fastify: hook.instance, name, phase, reason }))

    const inside: Inside = { runs: this, who: `hook '${name}'`, isOver: false }

    const end = (settled: Settled<unknown>): void => {
      over(inside)
      run.end = now()
      run.outcome = settled.outcome
      if (settled.outcome === 'error') run.error = settled.error
      if (settled.outcome === 'timeout') {
        run.error = new FST_LIFECYCLE_HOOK_TIMEOUT(name, String(Math.round(limit)))
        timeUp.abort(run.error)
      }
      trace?.ended(settled.outcome, run.error)
      onEnd(run)
    }
    const perform = (): Promise<void> | undefined => {
      let value: unknown
      try {
        value = runInside(inside, () => hook.handler.call(hook.instance, context))
      } catch (error) {
        return void end({ outcome: 'error', error })
      }
      if (!isThenable(value)) return void end({ outcome: 'ok', value })
      trace?.returned()
      return within(limit, value).then(end)
    }
    return trace === undefined ? perform() : trace.run(perform)
  }
}

/**
 * The hook's own logger. A logger that has ended may refuse to make children; then the hook gets the app's
 * logger.
 */
function childOf(log: FastifyBaseLogger, hook: string): FastifyBaseLogger {
  try {
    return log.child({ hook })
  } catch {
    return log
  }
}

/**
 * Begins each hook when the last hook that it waits for has ended. `run` returns a promise only if the hook is
 * not done at once.
 */
function inOrder(plan: HookPlan, run: (hook: Hook) => Promise<void> | undefined): Promise<void> {
  const waitingFor = new Map(plan.hooks.map((hook) => [hook, plan.waitsFor(hook).length]))
  return new Promise((resolve) => {
    const ready = plan.hooks.filter((hook) => waitingFor.get(hook) === 0)
    let unfinished = plan.hooks.length
    const finished = (hook: Hook) => {
      unfinished--
      for (const next of plan.stopsBefore(hook)) {
        const left = (waitingFor.get(next) as number) - 1
        waitingFor.set(next, left)
        if (left === 0) ready.push(next)
      }
    }
    const begin = () => {
      for (let hook = ready.shift(); hook !== undefined; hook = ready.shift()) {
        const current = hook
        const running = run(current)
        if (running === undefined) finished(current)
        else
          void running.then(() => {
            finished(current)
            begin()
          })
      }
      if (unfinished === 0) resolve()
    }
    begin()
  })
}
