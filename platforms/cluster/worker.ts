import cluster from 'node:cluster'
import type { FastifyInstance, FastifyPluginAsync } from 'fastify'
import { within } from '../../lib/bounded.ts'
import { lastConnections, outlivePrimary, takeNoMore } from '../hand-over.ts'
import { noOptions } from '../no-options.ts'
import { onceReady } from '../once-ready.ts'
import { message, type News, type Order, wordOf } from './messages.ts'

/** How long the primary may take to answer a worker that leaves by itself, in ms. */
const patience = 1_000

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
 * Only the primary knows whether others serve in a worker's place. If they do, they get its
 * connections at once; if all go, it serves through its lame duck, for the balancers before it.
 */
function obey(app: FastifyInstance): void {
  const { lifecycle } = app
  const ordered = new Promise<Order>((order) => {
    const onMessage = (received: unknown) => {
      const word = wordOf(received)
      if (word !== 'replace' && word !== 'stop') return
      if (word === 'replace') takeNoMore(app)
      order(word)
      lifecycle.shutdown(word === 'replace' ? 'another worker takes over' : 'the primary stops')
    }
    process.on('message', onMessage)
    lifecycle.once('report', () => process.removeListener('message', onMessage))
  })
  app.onShutdown('cluster', { phase: 'lameDuck', dependsOn: [] }, async (context) => {
    // A primary that is gone gives no orders any more.
    if (!process.connected) return
    const answer = await within(Math.min(patience, context.timeout / 4), ordered)
    if (answer.outcome === 'ok' && answer.value === 'replace') await lastConnections(app, context)
  })
}
