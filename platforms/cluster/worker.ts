import cluster from 'node:cluster'
import type { FastifyInstance, FastifyPluginAsync } from 'fastify'
import type { Life } from '../../lib/app/life.ts'
import { lifeOf } from '../../lib/app/lifecycle.ts'
import { noOptions } from '../no-options.ts'
import { onceReady } from '../once-ready.ts'
import { outlivePrimary } from '../outlive-primary.ts'
import { message, type News, wordOf } from './messages.ts'

export const plugin: FastifyPluginAsync = async (app, options) => {
  noOptions('cluster', options)
  if (!cluster.isWorker) return
  outlivePrimary(app)
  obey(app)
  const { lifecycle } = app
  say('here', lifecycle.deadline)
  onceReady(app, () => say('ready'))
  lifecycle.signal.addEventListener('abort', () => say('leaving'))
}

/** Sends with a callback. Without it, the error would be uncaught if the primary has just gone. */
function say(news: News, deadline?: number): void {
  if (process.connected) process.send?.(message(news, deadline), undefined, undefined, () => {})
}

/**
 * Follows the orders of the primary. Only the primary knows whether another worker serves in place of this worker. If
 * so, this worker hands over at once. If all workers end, it first serves through its lame duck, for balancers in
 * front of the cluster.
 */
function obey({ lifecycle }: FastifyInstance): void {
  const onMessage = (received: unknown) => {
    const word = wordOf(received)
    if (word === 'stop') void lifecycle.shutdown('the primary stops')
    if (word === 'replace') (lifeOf(lifecycle) as Life).replace('another worker takes over')
  }
  process.on('message', onMessage)
  lifecycle.once('report', () => process.removeListener('message', onMessage))
}
