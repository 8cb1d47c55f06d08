import { type Settled, within } from './bounded.ts'
import { now } from './clock.ts'
import { FST_LIFECYCLE_HOOK_TIMEOUT } from './errors.ts'
import type { Hook, HookContext, HookPhase } from './hooks.ts'
import type { Life } from './life.ts'
import type { HookRun, Shutdown } from './shutdown.ts'

/**
 * Runs the hooks of a phase, last in, first out. One that fails or takes too long is reported,
 * and never keeps another from running.
 */
export async function runHooks(phase: HookPhase, life: Life, shutdown: Shutdown): Promise<void> {
  const hooks = life.hooks.of(phase)
  for (const [index, hook] of hooks.entries()) {
    const limit = life.share(hook.timeout, phase, hooks.length - index - 1)
    await runHook(hook, limit, life, shutdown)
  }
}

async function runHook(hook: Hook, limit: number, life: Life, shutdown: Shutdown): Promise<void> {
  const run = shutdown.startHook(hook)
  life.hookStarted()
  const timeUp = new AbortController()
  const log = life.app.log.child({ hook: hook.name })
  const settled = await settle(hook, limit, {
    name: hook.name,
    phase: hook.phase,
    reason: shutdown.reason,
    signal: timeUp.signal,
    timeout: limit,
    log
  })
  finishHook(run, settled)
  if (settled.outcome === 'timeout') {
    run.error = new FST_LIFECYCLE_HOOK_TIMEOUT(hook.name, String(Math.round(limit)))
    timeUp.abort(run.error)
  }
  life.hookEnded(run)
}

/** Calls the handler. What a synchronous one returns is settled already, and costs no timer. */
function settle(
  hook: Hook,
  limit: number,
  context: HookContext
): Settled<unknown> | Promise<Settled<unknown>> {
  try {
    const value = hook.handler.call(hook.instance, context)
    return isThenable(value) ? within(limit, value) : { outcome: 'ok', value }
  } catch (error) {
    return { outcome: 'error', error }
  }
}

function finishHook(run: HookRun, settled: Settled<unknown>): void {
  run.end = now()
  run.outcome = settled.outcome
  if (settled.outcome === 'error') run.error = settled.error
}

function isThenable(value: unknown): value is PromiseLike<unknown> {
  return typeof (value as PromiseLike<unknown> | null | undefined)?.then === 'function'
}
