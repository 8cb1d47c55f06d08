import type { FastifyBaseLogger } from 'fastify'
import { isThenable, type Settled, within } from './bounded.ts'
import { now } from './clock.ts'
import { FST_LIFECYCLE_HOOK_TIMEOUT } from './errors.ts'
import type { HookPlan } from './hook-graph.ts'
import type { Hook, HookContext, HookPhase } from './hooks.ts'
import type { Life } from './life.ts'
import type { HookRun, Shutdown } from './shutdown.ts'
import { traceHook } from './telemetry.ts'

/**
 * Runs the hooks of a phase, each as soon as those that stop before it are done. One that fails or
 * takes too long is reported, and never keeps another from running.
 */
export async function runHooks(phase: HookPhase, life: Life, shutdown: Shutdown): Promise<void> {
  const plan = life.hooks.plan(phase)
  await runInOrder(plan, (hook) => {
    const run = shutdown.startHook(hook, plan.waitsFor(hook))
    return runHook(run, life.share(hook.timeout, phase, plan.behind(hook)), life, shutdown)
  })
}

/** Synchronous hooks cost no promise: `run` returns one only where the hook is not done at once. */
function runInOrder(plan: HookPlan, run: (hook: Hook) => Promise<void> | undefined): Promise<void> {
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
          running.then(() => {
            finished(current)
            begin()
          })
      }
      if (unfinished === 0) resolve()
    }
    begin()
  })
}

/** A logger that has ended may not have children any more. */
function childOf(log: FastifyBaseLogger, hook: string): FastifyBaseLogger {
  try {
    return log.child({ hook })
  } catch {
    return log
  }
}

function runHook(run: HookRun, limit: number, life: Life, shutdown: Shutdown): Promise<void> | undefined {
  life.hookStarted()
  const timeUp = new AbortController()
  const { hook } = run
  const { name, phase } = hook
  const { reason } = shutdown
  const log = childOf(life.app.log, name)
  const context: HookContext = { name, phase, reason, signal: timeUp.signal, timeout: limit, log }
  const trace = traceHook(() => ({ fastify: hook.instance, name, phase, reason }))

  const end = (settled: Settled<unknown>): void => {
    run.end = now()
    run.outcome = settled.outcome
    if (settled.outcome === 'error') run.error = settled.error
    if (settled.outcome === 'timeout') {
      run.error = new FST_LIFECYCLE_HOOK_TIMEOUT(name, String(Math.round(limit)))
      timeUp.abort(run.error)
    }
    trace?.ended(settled.outcome, run.error)
    life.hookEnded(run)
  }
  const perform = (): Promise<void> | undefined => {
    let value: unknown
    try {
      value = hook.handler.call(hook.instance, context)
    } catch (error) {
      return void end({ outcome: 'error', error })
    }
    if (!isThenable(value)) return void end({ outcome: 'ok', value })
    trace?.returned()
    return within(limit, value).then(end)
  }
  return trace === undefined ? perform() : trace.run(perform)
}
