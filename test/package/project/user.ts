// A user's file, compiled against the packed package, never run.

import { expectTypeOf } from 'expect-type'
import Fastify, { type FastifyInstance } from 'fastify'
import lifecycle, {
  fastifyLifecycle,
  type HookContext,
  type Lifecycle,
  type LifecycleOptions,
  type Phase,
  type Report
} from 'fastify-lifecycle'

const app = Fastify({ logger: true })
const options: LifecycleOptions = {
  deadline: 25_000,
  lameDuck: { max: 5_000, min: 500, probes: 2 },
  signals: ['SIGTERM', 'SIGHUP'],
  retryAfter: [1, 5],
  health: { live: '/livez', ready: false },
  hooks: [{ name: 'metrics', handler: () => {} }]
}
app.register(lifecycle, options)
app.register(fastifyLifecycle)
// @ts-expect-error a time is a number
app.register(lifecycle, { deadline: '25s' })
// @ts-expect-error SIGKILL cannot be caught
app.register(lifecycle, { signals: ['SIGKILL'] })

const chained = app
  .onShutdown(() => {})
  .onShutdown('outbox', async ({ signal, reason, timeout, log }) => {
    expectTypeOf(signal).toEqualTypeOf<AbortSignal>()
    expectTypeOf(timeout).toEqualTypeOf<number>()
    log.info(reason.type === 'signal' ? reason.signal : reason.type)
  })
  .onShutdown('db', { phase: 'closing', timeout: 1_000 }, function (context) {
    expectTypeOf(this).toEqualTypeOf<FastifyInstance>()
    expectTypeOf(context).toEqualTypeOf<HookContext>()
  })
  .onShutdown({ name: 'pool', phase: 'lameDuck', handler: () => {} })
  .onShutdown({ [Symbol.dispose]: () => {} })
  .onShutdown({ [Symbol.asyncDispose]: async () => {} })
expectTypeOf(chained).toEqualTypeOf<FastifyInstance>()
// @ts-expect-error no such phase
app.onShutdown('db', { phase: 'ready' }, () => {})

app.get('/metrics', { config: { lifecycle: { whileDraining: 'serve' } } }, async () => 'up 1')
// @ts-expect-error no such behaviour
app.get('/', { config: { lifecycle: { whileDraining: 'sometimes' } } }, async () => '')

expectTypeOf(app.lifecycle).toEqualTypeOf<Lifecycle>()
expectTypeOf(app.lifecycle.phase).toEqualTypeOf<Phase>()
expectTypeOf(app.lifecycle.report).toEqualTypeOf<Report | null>()
expectTypeOf(app.lifecycle.shutdown('why')).resolves.toEqualTypeOf<Report>()
app.lifecycle.on('phase', ({ phase, previous }) => {
  expectTypeOf(phase).toEqualTypeOf<Phase>()
  expectTypeOf(previous).toEqualTypeOf<Phase>()
})
app.lifecycle.once('report', ({ exitCode }) => expectTypeOf(exitCode).toEqualTypeOf<0 | 1>())
// @ts-expect-error the phase is not the user's to set
app.lifecycle.phase = 'ready'
