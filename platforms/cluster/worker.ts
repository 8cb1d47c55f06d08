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

/** With a callback, because a primary that has just gone would otherwise be an uncaught error. */
function say(news: News, deadline?: number): void {
  if (process.connected) process.send?.(message(news, deadline), undefined, undefined, () => {})
}

/**
 * Only the primary knows whether others serve in a worker's place. If they do, it hands over at once; if all go,
 * it serves through its lame duck first, for the balancers before the cluster.
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
