import cluster from 'node:cluster'
import type { FastifyInstance, FastifyPluginAsync } from 'fastify'
import fp from 'fastify-plugin'
import { fastifyVersions } from '../lib/fastify-versions.ts'
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

/** Sends with a callback. Without it, the error would be uncaught if PM2's daemon has just gone. */
function say(word: string): void {
  if (process.connected) process.send?.(word, undefined, undefined, () => {})
}

/** Shuts down at the message that PM2 sends instead of a signal, with `shutdown_with_message`. */
function obeyMessage({ lifecycle }: FastifyInstance): void {
  const onMessage = (message: unknown) => {
    if (message === 'shutdown') lifecycle.shutdown('pm2')
  }
  process.on('message', onMessage)
  lifecycle.once('report', () => process.removeListener('message', onMessage))
}

/**
 * Tells PM2 when the app is ready, for `wait_ready`. Shuts down when PM2 sends `shutdown` instead of a signal.
 * In cluster mode, the app drains when PM2's daemon is gone. In cluster mode the option `handOver` is on, so
 * `pm2 reload` loses no request. If PM2 did not start the process, the plugin does nothing.
 *
 * Throws `FST_LIFECYCLE_OPTION_UNKNOWN` for any option, because it has none.
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
  fastify: fastifyVersions,
  name: 'fastify-lifecycle-pm2',
  dependencies: ['fastify-lifecycle']
})

export default pm2
export { pm2 }
