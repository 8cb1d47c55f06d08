import type { FastifyInstance } from 'fastify'
import { takePreCloseHooks } from '../undocumented.ts'
import { edgesOf, HookPlan } from './graph.ts'
import type { Hook, HookHandler } from './hook.ts'

/**
 * Takes Fastify's `preClose` hooks out of the app, as hooks of the drain. Fastify documents that plugins end
 * their streams there, and at Fastify's own close nothing is in flight any more. They run one after another,
 * in Fastify's order.
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
  // Without `dependsOn`, the last hook stops first.
  return new HookPlan('draining', edgesOf(hooks.reverse()))
}

function called(hook: (done: (error?: Error) => void) => unknown): Promise<void> {
  return new Promise((resolve, reject) => {
    hook((error) => (error ? reject(error) : resolve()))
  })
}
