import assert from 'node:assert/strict'
import { AsyncLocalStorage } from 'node:async_hooks'
import * as diagnostics from 'node:diagnostics_channel'
import { describe, type TestContext, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import type { FastifyInstance } from 'fastify'
import {
  channels,
  type HookMessage,
  type HookSubscribers,
  type LifecycleChannel,
  type Report
} from '../../../index.ts'
import { publish, traceHook } from '../../../lib/telemetry/publish.ts'
import { cleanup } from '../../support/cleanup.ts'
import { request } from '../../support/client.ts'
import { holdDrain, latch, makeApp, phaseOf, portOf } from '../../support/in-process.ts'
import { uncaught } from '../../support/uncaught.ts'

/** Listens to a channel until the test is over. */
function listen<Message>(t: TestContext, channel: LifecycleChannel<Message>, listener: (m: Message) => void) {
  channel.subscribe(listener)
  cleanup(t, () => channel.unsubscribe(listener))
}

/** What is published on a channel until the test is over. */
function heard<Message>(t: TestContext, channel: LifecycleChannel<Message>): Message[] {
  const messages: Message[] = []
  listen(t, channel, (message) => messages.push(message))
  return messages
}

/** The next message of a channel. */
function once<Message>(channel: LifecycleChannel<Message>): Promise<Message> {
  return new Promise((resolve) => {
    const listener = (message: Message) => {
      channel.unsubscribe(listener)
      resolve(message)
    }
    channel.subscribe(listener)
  })
}

function follow(t: TestContext, subscribers: HookSubscribers): void {
  channels.hook.subscribe(subscribers)
  cleanup(t, () => channels.hook.unsubscribe(subscribers))
}

const steps = ['start', 'end', 'asyncStart', 'asyncEnd', 'error'] as const

/** What a tracing channel publishes: which step, the error by then, and whether it is in its own context. */
type Step = readonly [step: string, error: unknown, isInContext: boolean]

/** The steps of all that is traced, with a store bound to their start. */
function stepsOf(t: TestContext, channel: Pick<diagnostics.TracingChannel, (typeof steps)[number]>): Step[] {
  const recorded: Step[] = []
  const storage = new AsyncLocalStorage<object>()
  channel.start.bindStore(storage as AsyncLocalStorage<unknown>, (message) => message)
  cleanup(t, () => channel.start.unbindStore(storage as AsyncLocalStorage<unknown>))
  for (const step of steps) {
    const listener = (message: unknown) => {
      const { error } = message as { error?: unknown }
      recorded.push([step, error, storage.getStore() === message])
    }
    channel[step].subscribe(listener)
    cleanup(t, () => channel[step].unsubscribe(listener))
  }
  return recorded
}

/** Closes an app whose hooks may fail. */
async function close(app: FastifyInstance): Promise<Report> {
  await app.close().catch(() => {})
  return app.lifecycle.report as Report
}

describe('the channels', () => {
  test('are those of node:diagnostics_channel, by name', () => {
    for (const name of ['phase', 'rejected', 'cut', 'report'] as const) {
      assert.equal(channels[name], diagnostics.channel(`fastify-lifecycle:${name}`))
    }
    for (const step of steps) {
      assert.equal(channels.hook[step], diagnostics.channel(`tracing:fastify-lifecycle:hook:${step}`))
    }
  })

  test('say each phase that begins, the one before, and why', async (t) => {
    const app = await makeApp(t)
    const messages = heard(t, channels.phase)
    await app.ready()
    await close(app)
    const reason = { type: 'close' }
    assert.deepEqual(
      messages.map(({ fastify, ...rest }) => ({ ...rest, isRoot: fastify === app })),
      [
        { phase: 'ready', previous: 'starting', reason: undefined, isRoot: true },
        { phase: 'lameDuck', previous: 'ready', reason, isRoot: true },
        { phase: 'draining', previous: 'lameDuck', reason, isRoot: true },
        { phase: 'closing', previous: 'draining', reason, isRoot: true },
        { phase: 'closed', previous: 'closing', reason, isRoot: true }
      ]
    )
  })

  test('say each request that is turned away, and on which instance', async (t) => {
    const app = await makeApp(t)
    const messages = heard(t, channels.rejected)
    let child: FastifyInstance | undefined
    await app.register(async (instance) => {
      child = instance
      instance.get('/child', async () => {})
    })
    app.get('/served', { config: { lifecycle: { whileDraining: 'serve' } } }, async () => {})
    await holdDrain(t, app)
    await request(portOf(app), '/served')
    await request(portOf(app), '/child')
    const [message] = messages
    assert.equal(messages.length, 1)
    assert.equal(message?.request.url, '/child')
    assert.equal(message?.fastify, child)
    assert.equal(message?.fastify.lifecycle, app.lifecycle)
  })

  test('say each request that is cut, as the report does', async (t) => {
    const app = await makeApp(t, { drainTimeout: 50 })
    const messages = heard(t, channels.cut)
    const arrived = latch()
    app.get('/hung', () => {
      arrived.open()
      return new Promise(() => {})
    })
    await app.listen({ port: 0, host: '127.0.0.1' })
    const cut = assert.rejects(request(portOf(app), '/hung'))
    await arrived.opened
    const report = await close(app)
    await cut
    assert.equal(messages[0]?.request.route, '/hung')
    assert.equal(messages[0]?.fastify, app)
    assert.deepEqual(
      messages.map((message) => message.request),
      report.requests.cut
    )
  })

  test('say the report, once', async (t) => {
    const app = await makeApp(t)
    const messages = heard(t, channels.report)
    const report = await close(app)
    await close(app)
    assert.deepEqual(
      messages.map((message) => [message.fastify === app, message.report === report]),
      [[true, true]]
    )
  })

  test('are silent to who has unsubscribed', async (t) => {
    const app = await makeApp(t)
    const listener = () => assert.fail('heard of it')
    const subscribers = { start: listener, end: listener }
    channels.phase.subscribe(listener)
    channels.hook.subscribe(subscribers)
    assert.equal(channels.phase.unsubscribe(listener), true)
    assert.equal(channels.hook.unsubscribe(subscribers), true)
    assert.equal(channels.phase.unsubscribe(listener), false)
    assert.equal(channels.hook.unsubscribe(subscribers), false)
    app.onShutdown(() => {})
    assert.equal((await close(app)).outcome, 'clean')
  })
})

const failure = new Error('no')

/** Ways for a hook to end, and which of Node.js' own ways to trace it is meant for them. */
const endings = {
  returns: { handler: () => 'done', like: 'traceSync' },
  throws: {
    handler: () => {
      throw failure
    },
    like: 'traceSync'
  },
  'throws nothing': {
    handler: () => {
      throw undefined
    },
    like: 'traceSync'
  },
  resolves: { handler: async () => sleep(1), like: 'tracePromise' },
  rejects: { handler: () => Promise.reject(failure), like: 'tracePromise' }
} as const

describe('a hook on the tracing channel', () => {
  for (const [name, { handler, like }] of Object.entries(endings)) {
    test(`that ${name} has the steps and the context of ${like}`, async (t) => {
      const oracle = diagnostics.tracingChannel('oracle')
      const expected = stepsOf(t, oracle)
      try {
        await oracle[like](handler as () => Promise<unknown>, {})
      } catch {}
      const app = await makeApp(t)
      const recorded = stepsOf(t, channels.hook as unknown as diagnostics.TracingChannel)
      app.onShutdown('traced', handler)
      await close(app)
      assert.deepEqual(recorded, expected)
      assert.ok(recorded.length === (like === 'traceSync' ? 2 : 4) + (name.match(/throws|rejects/) ? 1 : 0))
    })
  }

  test('that takes too long ends as if it had rejected, and its later outcome is not reported', async (t) => {
    const app = await makeApp(t)
    const recorded = stepsOf(t, channels.hook as unknown as diagnostics.TracingChannel)
    const late = latch()
    let reason: unknown
    app.onShutdown('late', { timeout: 10 }, ({ signal }) => {
      signal.onabort = () => {
        reason = signal.reason
      }
      return late.opened
    })
    await close(app)
    late.open()
    await late.opened
    assert.equal((reason as { code: string }).code, 'FST_LIFECYCLE_HOOK_TIMEOUT')
    assert.deepEqual(recorded, [
      ['start', undefined, true],
      ['end', undefined, true],
      ['error', reason, true],
      ['asyncStart', reason, true],
      ['asyncEnd', reason, true]
    ])
  })

  test('that is left by a second signal has no end yet', async (t) => {
    const app = await makeApp(t, { signals: ['SIGINT'] })
    const recorded = stepsOf(t, channels.hook as unknown as diagnostics.TracingChannel)
    const held = latch()
    cleanup(t, held.open)
    app.onShutdown('held', { timeout: 60_000 }, () => held.opened)
    await app.ready()
    const report = once(channels.report)
    process.emit('SIGINT', 'SIGINT')
    // What comes sooner is the same Ctrl-C.
    await sleep(600)
    process.emit('SIGINT', 'SIGINT')
    assert.deepEqual(
      (await report).report.hooks.map(({ outcome }) => outcome),
      ['unfinished']
    )
    assert.deepEqual(recorded, [
      ['start', undefined, true],
      ['end', undefined, true]
    ])
  })

  test('is one message, which tells how it ended from then on', async (t) => {
    const app = await makeApp(t)
    const seen: (readonly [string, HookMessage, HookMessage['outcome']])[] = []
    const note = (step: string) => (message: HookMessage) => seen.push([step, message, message.outcome])
    follow(t, Object.fromEntries(steps.map((step) => [step, note(step)])))
    let child: FastifyInstance | undefined
    await app.register(async (instance) => {
      child = instance
      instance.onShutdown('db', { phase: 'draining' }, async () => {})
    })
    app.onShutdown('outbox', { phase: 'lameDuck', timeout: 10 }, () => new Promise(() => {}))
    app.onShutdown('metrics', () => {
      throw failure
    })
    await close(app)
    assert.deepEqual(
      seen.map(([step, { name }, outcome]) => `${name} ${step} ${outcome}`),
      [
        'outbox start undefined',
        'outbox end undefined',
        'outbox error timeout',
        'outbox asyncStart timeout',
        'outbox asyncEnd timeout',
        'db start undefined',
        'db end undefined',
        'db asyncStart ok',
        'db asyncEnd ok',
        'metrics start undefined',
        'metrics error error',
        'metrics end error'
      ]
    )
    assert.equal(new Set(seen.map(([, message]) => message)).size, 3)
    const db = seen[5]?.[1]
    assert.equal(db?.fastify, child)
    assert.deepEqual(
      { ...db, fastify: null },
      { fastify: null, name: 'db', phase: 'draining', reason: { type: 'close' }, outcome: 'ok' }
    )
  })

  test('is not followed by who came after it began', async (t) => {
    const app = await makeApp(t)
    app.onShutdown('late', () => follow(t, { end: () => assert.fail('heard of it') }))
    assert.equal((await close(app)).outcome, 'clean')
  })
})

describe('a store bound to the start of a hook', () => {
  test('is visible in the handler, in what it awaits and in how it ends, and nowhere else', async (t) => {
    const app = await makeApp(t)
    const storage = new AsyncLocalStorage<string>()
    channels.hook.start.bindStore(storage, ({ name }) => `span of ${name}`)
    cleanup(t, () => channels.hook.start.unbindStore(storage))
    const seen: unknown[] = []
    const look = (where: string) => seen.push([where, storage.getStore()])
    app.onShutdown('db', async ({ signal }) => {
      look('db')
      await sleep(1, undefined, { signal })
      look('db, later')
    })
    app.onShutdown('metrics', () => look('metrics'))
    app.lifecycle.on('hook', ({ name }) => look(`${name} ended`))
    await app.ready()
    await phaseOf(app, 'ready')
    app.lifecycle.on('phase', ({ phase }) => look(phase))
    await storage.run('whoever closes', () => close(app))
    assert.deepEqual(seen, [
      ['lameDuck', 'whoever closes'],
      ['draining', 'whoever closes'],
      ['closing', 'whoever closes'],
      ['metrics', 'span of metrics'],
      ['metrics ended', 'span of metrics'],
      ['db', 'span of db'],
      ['db, later', 'span of db'],
      ['db ended', 'span of db'],
      ['closed', 'whoever closes']
    ])
  })

  test('can be restored where the hook ends', async (t) => {
    const app = await makeApp(t)
    const storage = new AsyncLocalStorage<string>()
    channels.hook.asyncStart.bindStore(storage, ({ name }) => `restored for ${name}`)
    cleanup(t, () => channels.hook.asyncStart.unbindStore(storage))
    const seen: unknown[] = []
    follow(t, { start: () => seen.push(storage.getStore()), asyncEnd: () => seen.push(storage.getStore()) })
    app.onShutdown('db', async () => {})
    await close(app)
    assert.deepEqual(seen, [undefined, 'restored for db'])
  })
})

test('a subscriber that throws stops nothing, and is an uncaught exception', async (t) => {
  const errors = uncaught(t)
  const app = await makeApp(t)
  const fail = () => {
    throw failure
  }
  listen(t, channels.phase, fail)
  listen(t, channels.rejected, fail)
  listen(t, channels.report, fail)
  follow(t, { start: fail, end: fail, asyncStart: fail, asyncEnd: fail })
  const order = heard(t, channels.phase)
  const ran: string[] = []
  app.onShutdown('sync', () => {
    ran.push('sync')
  })
  app.onShutdown('async', async () => {
    ran.push('async')
  })
  await app.ready()
  assert.equal((await close(app)).outcome, 'clean')
  assert.deepEqual(ran, ['async', 'sync'])
  assert.equal(order.length, 5)
  await sleep(0)
  // Five phases, four steps of one hook and two of the other, and the report.
  assert.deepEqual(errors, Array(12).fill(failure))
})

describe('where nobody listens', () => {
  const message: HookMessage = {
    fastify: null as never,
    name: 'db',
    phase: 'closing',
    reason: { type: 'close' }
  }

  test('no message is made', (t) => {
    const make = t.mock.fn(() => assert.fail('made for nobody'))
    publish('fastify-lifecycle:phase', make)
    assert.equal(traceHook(make), undefined)
    assert.equal(make.mock.callCount(), 0)
  })

  test('and anyone who listens to anything of it, gets one', (t) => {
    const make = t.mock.fn(() => message)
    for (const step of steps) {
      const listener = () => {}
      channels.hook[step].subscribe(listener)
      assert.notEqual(traceHook(make), undefined, step)
      channels.hook[step].unsubscribe(listener)
    }
    assert.equal(make.mock.callCount(), 5)
    assert.equal(traceHook(make), undefined)
  })
})

test('several apps share the channels, and each event names its lifecycle', async (t) => {
  const apps = [await makeApp(t), await makeApp(t)] as const
  const messages = heard(t, channels.report)
  await Promise.all(apps.map(close))
  const told = messages.map(({ fastify }) => apps.findIndex((app) => app.lifecycle === fastify.lifecycle))
  assert.deepEqual(told.sort(), [0, 1])
})

test('a phase is published when listeners of the app have heard of it', async (t) => {
  const app = await makeApp(t)
  const order: string[] = []
  listen(t, channels.phase, ({ phase }) => order.push(`channel ${phase}`))
  app.lifecycle.on('phase', ({ phase }) => order.push(`event ${phase}`))
  await app.ready()
  await phaseOf(app, 'ready')
  assert.deepEqual(order, ['event ready', 'channel ready'])
})

test('many may listen to an event, and Node.js warns of no leak', async (t) => {
  const warnings: string[] = []
  const onWarning = ({ name }: Error) => warnings.push(name)
  process.on('warning', onWarning)
  cleanup(t, () => process.off('warning', onWarning))
  const app = await makeApp(t)
  for (let count = 0; count < 100; count++) app.lifecycle.on('report', () => {})
  await new Promise((resolve) => setImmediate(resolve))
  assert.deepEqual(warnings, [])
})
