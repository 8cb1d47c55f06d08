import type { FastifyInstance } from 'fastify'
import { channels, type LifecycleChannel } from 'fastify-lifecycle'
import { Counter, Gauge, type Registry } from 'prom-client'

// What an app's shutdown is like, for Prometheus. `/metrics` is served to the end of the drain.
//
//   await app.register(lifecycle)
//   measureLifecycle(app, register)

/** Has the registry measure the app, and serves it at `/metrics`. */
export function measureLifecycle(app: FastifyInstance, registry: Registry): void {
  const { lifecycle } = app
  const registers = [registry]

  new Gauge({
    name: 'lifecycle_phase',
    help: 'The phase that the app is in',
    labelNames: ['phase'],
    registers,
    collect() {
      this.reset()
      this.set({ phase: lifecycle.phase }, 1)
    }
  })
  new Gauge({
    name: 'lifecycle_requests_in_flight',
    help: 'Requests that are being answered, the scrape among them',
    registers,
    collect() {
      this.set(lifecycle.inFlight)
    }
  })

  const rejected = new Counter({
    name: 'lifecycle_requests_rejected_total',
    help: 'Requests that were turned away during the drain',
    registers
  })
  listen(app, channels.rejected, () => rejected.inc())

  const cut = new Counter({
    name: 'lifecycle_requests_cut_total',
    help: 'Requests that were still in flight at drainTimeout',
    registers
  })
  listen(app, channels.cut, () => cut.inc())

  let measureDrain = () => {}
  const drain = new Gauge({
    name: 'lifecycle_drain_seconds',
    help: 'How long the drain took, or has taken so far',
    registers,
    collect: () => measureDrain()
  })
  listen(app, channels.phase, ({ phase, previous }) => {
    if (phase === 'draining') measureDrain = drain.startTimer()
    if (previous !== 'draining') return
    measureDrain()
    measureDrain = () => {}
  })

  app.get('/metrics', { config: { lifecycle: { whileDraining: 'serve' } } }, async (_request, reply) => {
    reply.type(registry.contentType)
    return registry.metrics()
  })
}

/** The channels are the process's: this hears what is about one app, until it is closed. */
function listen<Message extends { readonly fastify: FastifyInstance }>(
  app: FastifyInstance,
  channel: LifecycleChannel<Message>,
  listener: (message: Message) => void
): void {
  const ofThisApp = (message: Message) => {
    if (message.fastify.lifecycle === app.lifecycle) listener(message)
  }
  channel.subscribe(ofThisApp)
  app.addHook('onClose', async () => {
    channel.unsubscribe(ofThisApp)
  })
}
