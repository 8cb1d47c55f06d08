import cluster from 'node:cluster'
import type { FastifyInstance, FastifyPluginAsync } from 'fastify'
import fp from 'fastify-plugin'
import { noOptions } from './no-options.ts'
import { onceReady } from './once-ready.ts'
import { outlivePrimary } from './outlive-primary.ts'

const plugin: FastifyPluginAsync = async (app, options) => {
  noOptions('pm2', options)
  if (process.env['pm_id'] === undefined || process.send === undefined) return
  onceReady(app, () => say('ready'))
  obeyMessage(app)
  if (cluster.isWorker) outlivePrimary(app)
}

/** With a callback, because a daemon that has just gone would otherwise be an uncaught error. */
function say(word: string): void {
  if (process.connected) process.send?.(word, undefined, undefined, () => {})
}

/** What PM2 sends instead of a signal with `shutdown_with_message`. */
function obeyMessage({ lifecycle }: FastifyInstance): void {
  const onMessage = (message: unknown) => {
    if (message === 'shutdown') lifecycle.shutdown('pm2')
  }
  process.on('message', onMessage)
  lifecycle.once('report', () => process.removeListener('message', onMessage))
}

/**
 * Tells PM2 that the app is ready, which `wait_ready` waits for. Shuts down when PM2 sends `shutdown` instead
 * of a signal. In cluster mode, drains when PM2's daemon is gone. With the plugin's `handOver`, which is on
 * there, `pm2 reload` loses no request. Where PM2 did not start the process it does nothing.
 *
 * Throws `FST_LIFECYCLE_OPTION_UNKNOWN`, because it has no options.
 *
 * @example
 * ```ts
 * import lifecycle from 'fastify-lifecycle'
 * import pm2 from 'fastify-lifecycle/pm2'
 *
 * await app.register(lifecycle)
 * await app.register(pm2)
 * ```
 * @see https://pm2.keymetrics.io/docs/usage/signals-clean-restart/
 */
const pm2: FastifyPluginAsync = fp(plugin, {
  fastify: '^5.3.0',
  name: 'fastify-lifecycle-pm2',
  dependencies: ['fastify-lifecycle']
})

export default pm2
export { pm2 }
