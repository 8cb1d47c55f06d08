import type { FastifyInstance } from 'fastify'
import { takePreCloseHooks } from '../undocumented.ts'
import { edgesOf, HookPlan } from './graph.ts'
import type { Hook, HookHandler } from './hook.ts'

/**
 * Takes Fastify's `preClose` hooks out of the app, and makes them hooks of the drain. Fastify documents that
 * plugins end their streams in `preClose`. At Fastify's own close that would be too late, because no request is
 * in flight any more. The hooks run one after another, in Fastify's order.
 */
export function preClosePlan(app: FastifyInstance, timeout: number): HookPlan {
  const hooks = takePreCloseHooks(app).map(({ instance, hook }, index): Hook => {
    const name = `preClose ${hook.name || index + 1}`
    const handler: HookHandler =
      hook.length === 1
        ? () => called(hook.bind(instance))
        : () => (hook as (this: FastifyInstance) => unknown).call(instance)
    const isTakenBack = () => false
    return { name, phase: 'draining', timeout, dependsOn: undefined, isTakenBack, handler, instance }
  })
  // Without `dependsOn`, the last hook runs first, so the order is reversed here.
  return new HookPlan('draining', edgesOf(hooks.reverse()))
}

function called(hook: (done: (error?: Error) => void) => unknown): Promise<void> {
  return new Promise((resolve, reject) => {
    hook((error) => (error ? reject(error) : resolve()))
  })
}
