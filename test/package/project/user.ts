// A user's file, compiled against the packed package, never run.

import { AsyncLocalStorage } from 'node:async_hooks'
import { subscribe } from 'node:diagnostics_channel'
import { expectTypeOf } from 'expect-type'
import Fastify, { type FastifyInstance, type FastifyRequest } from 'fastify'
import * as everything from 'fastify-lifecycle'
import lifecycle, {
  channels,
  fastifyLifecycle,
  type HookContext,
  type HookMessage,
  type Lifecycle,
  type LifecycleChannels,
  type LifecycleOptions,
  type Phase,
  type Report,
  type ShutdownReason
} from 'fastify-lifecycle'
import { type Deployment, deploymentFor } from 'fastify-lifecycle/deployment'
import { assertHookOrder, type FakeExit, fakeProcess } from 'fastify-lifecycle/testing'

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
    expectTypeOf(this).toEqualTypeOf<typeof app>()
    expectTypeOf(context).toEqualTypeOf<HookContext>()
  })
  .onShutdown({ name: 'pool', phase: 'lameDuck', handler: () => {} })
  .onShutdown({ [Symbol.dispose]: () => {} })
  .onShutdown({ [Symbol.asyncDispose]: async () => {} })
expectTypeOf(chained).toEqualTypeOf<typeof app>()
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

channels.phase.subscribe(({ fastify, phase, previous, reason }) => {
  expectTypeOf(fastify).toEqualTypeOf<FastifyInstance>()
  expectTypeOf(phase).toEqualTypeOf<Phase>()
  expectTypeOf(previous).toEqualTypeOf<Phase>()
  expectTypeOf(reason).toEqualTypeOf<ShutdownReason | undefined>()
})
channels.rejected.subscribe(({ request }) => expectTypeOf(request).toEqualTypeOf<FastifyRequest>())
channels.cut.subscribe(({ request }) => expectTypeOf(request.route).toEqualTypeOf<string>())
const onReport = ({ report }: LifecycleChannels['fastify-lifecycle:report']) => {
  expectTypeOf(report).toEqualTypeOf<Report>()
}
channels.report.subscribe(onReport)
expectTypeOf(channels.report.unsubscribe(onReport)).toEqualTypeOf<boolean>()
channels.hook.subscribe({
  start: (message) => expectTypeOf(message).toEqualTypeOf<HookMessage>(),
  asyncEnd: ({ outcome, error }) => {
    expectTypeOf(outcome).toEqualTypeOf<'ok' | 'error' | 'timeout' | undefined>()
    expectTypeOf(error).toEqualTypeOf<unknown>()
  }
})
const spans = new AsyncLocalStorage<{ name: string }>()
channels.hook.start.bindStore(spans, ({ name }) => ({ name }))
// @ts-expect-error that is not what the store holds
channels.hook.start.bindStore(spans, ({ name }) => name)
// @ts-expect-error no such channel
channels.hooks.subscribe({})
// @ts-expect-error what is published is not the user's to say
channels.phase.publish({})
// Without `channels`, by name:
subscribe('fastify-lifecycle:phase', (message) => {
  const { phase } = message as LifecycleChannels['fastify-lifecycle:phase']
  expectTypeOf(phase).toEqualTypeOf<Phase>()
})

expectTypeOf(deploymentFor(options, { name: 'orders', grace: 30_000 })).toEqualTypeOf<Deployment>()
expectTypeOf(deploymentFor({}).kubernetes.terminationGracePeriodSeconds).toEqualTypeOf<number>()
// @ts-expect-error a port is a number
deploymentFor({}, { port: '3000' })

// @ts-expect-error the class is not there at run time, only its type is
everything.Lifecycle

const fake = fakeProcess(app, { maxWait: 500 })
expectTypeOf(fake.kill('SIGTERM')).resolves.toEqualTypeOf<FakeExit>()
expectTypeOf(fake.hold('draining').reached).toEqualTypeOf<Promise<void>>()
// Whatever its server and type provider are, and several of them.
const secure = Fastify({ http2: true, https: {} })
fakeProcess([app, secure])
void fake.kill().then(({ report }) => assertHookOrder(report, 'outbox', 'db'))
// @ts-expect-error 'ready' cannot be held
fake.hold('ready')
