import assert from 'node:assert/strict'
import { describe, type TestContext, test } from 'node:test'
import type { FastifyInstance } from 'fastify'
import type { HookContext, HookSchedule } from '../../../index.ts'
import { makeApp } from '../../support/in-process.ts'

describe('onShutdown', () => {
  test('takes a hook in each of its forms, chains, and runs them last in, first out', async (t) => {
    const app = await makeApp(t, { hooks: [{ name: 'declared', handler: () => ran('declared') }] })
    const order: string[] = []
    const ran = (name: string) => {
      order.push(name)
    }
    const returned = app
      .onShutdown(() => ran('handler'))
      .onShutdown('named', () => ran('named'))
      .onShutdown('scheduled', { phase: 'closing', timeout: 100 }, async () => ran('scheduled'))
      .onShutdown({ name: 'object', handler: () => ran('object') })
      .onShutdown({ handler: () => ran('object without a name') })
      .onShutdown({ [Symbol.dispose]: () => ran('disposable') })
      .onShutdown({ [Symbol.asyncDispose]: async () => ran('async disposable') })
    assert.equal(returned, app)
    await app.close()
    assert.deepEqual(order, [
      'async disposable',
      'disposable',
      'object without a name',
      'object',
      'scheduled',
      'named',
      'handler',
      'declared'
    ])
  })

  test('runs hooks in their phases, before every onClose', async (t) => {
    const app = await makeApp(t)
    const order: string[] = []
    app.addHook('onClose', async () => {
      order.push('onClose')
    })
    for (const phase of ['closing', 'draining', 'lameDuck'] as const) {
      app.onShutdown(phase, { phase }, () => {
        order.push(`${phase} in ${app.lifecycle.phase}`)
      })
    }
    await app.close()
    assert.deepEqual(order, ['lameDuck in lameDuck', 'draining in draining', 'closing in closing', 'onClose'])
  })

  test('gives the handler its context, and as `this` the instance it was registered on', async (t) => {
    const app = await makeApp(t)
    let given: HookContext | undefined
    let self: FastifyInstance | undefined
    let child: FastifyInstance | undefined
    await app.register(async (instance) => {
      child = instance
      instance.onShutdown('child', { timeout: 123 }, function (context) {
        self = this
        given = context
      })
    })
    await app.close()
    assert.equal(self, child)
    const { signal, log, ...rest } = given as HookContext
    assert.deepEqual(rest, { name: 'child', phase: 'closing', reason: { type: 'close' }, timeout: 123 })
    assert.equal(signal.aborted, false)
    assert.equal(typeof log.info, 'function')
  })

  test('names hooks by their functions, and numbers what is taken', async (t) => {
    const app = await makeApp(t)
    class Pool {
      [Symbol.dispose]() {}
    }
    function flush() {}
    app
      .onShutdown(flush)
      .onShutdown(flush)
      .onShutdown(() => {})
      .onShutdown(new Pool())
    await app.close()
    assert.deepEqual(
      app.lifecycle.report?.hooks.map(({ name }) => name),
      ['Pool', 'hook', 'flush-2', 'flush']
    )
  })

  test('aborts the signal of a hook whose time is up, and leaves the hook behind', async (t) => {
    const app = await makeApp(t)
    let reason: unknown
    app.onShutdown(
      'slow',
      { timeout: 20 },
      ({ signal }) =>
        new Promise(() => {
          signal.addEventListener('abort', () => {
            reason = signal.reason
          })
        })
    )
    await assert.rejects(app.close(), (error: Error & { code: string }) => {
      assert.equal(error.code, 'FST_LIFECYCLE_HOOKS_FAILED')
      assert.match(error.message, /'slow' \(timeout\)/)
      assert.equal(error.cause, reason)
      return true
    })
    assert.equal((reason as { code: string }).code, 'FST_LIFECYCLE_HOOK_TIMEOUT')
  })

  test('a failing hook makes app.close() reject when everything is closed', async (t) => {
    const app = await makeApp(t)
    const order: string[] = []
    app.addHook('onClose', async () => {
      order.push('onClose')
    })
    app.onShutdown('first', () => {
      order.push('first')
    })
    app.onShutdown('rejecting', () => Promise.reject(new Error('no')))
    app.onShutdown('odd', () => {
      throw 'not an error'
    })
    await assert.rejects(app.close(), { message: /'odd' \(error\), 'rejecting' \(error\)/ })
    assert.deepEqual(order, ['first', 'onClose'])
    assert.equal(app.lifecycle.phase, 'closed')
    assert.deepEqual(
      app.lifecycle.report?.hooks.map(({ error }) => error?.message),
      ['not an error', 'no', undefined]
    )
  })

  test('may fail in any way there is, and the others still run', async (t) => {
    const app = await makeApp(t)
    const ran: string[] = []
    app.addHook('onClose', async () => {
      ran.push('onClose')
    })
    app.onShutdown('first', () => {
      ran.push('first')
    })
    app.onShutdown('no prototype', () => Promise.reject(Object.create(null)))
    app.onShutdown('no text', () => {
      throw Object.assign(new Error('odd'), { message: Symbol('odd'), stack: 1 })
    })
    app.onShutdown('throwing thenable', () => ({
      // biome-ignore lint/suspicious/noThenProperty: what a hook returns may be anything
      then() {
        throw new Error('no then')
      }
    }))
    await assert.rejects(app.close(), { code: 'FST_LIFECYCLE_HOOKS_FAILED' })
    assert.deepEqual(ran, ['first', 'onClose'])
    assert.deepEqual(
      app.lifecycle.report?.hooks.map(({ outcome, error }) => [outcome, error?.message]),
      [
        ['error', 'no then'],
        ['error', 'Symbol(odd)'],
        ['error', '[Object: null prototype] {}'],
        ['ok', undefined]
      ]
    )
  })

  test('runs once, even if several things start the shutdown', async (t) => {
    const app = await makeApp(t)
    let runs = 0
    app.onShutdown(() => {
      runs++
    })
    await Promise.all([app.close(), app.close(), app.lifecycle.shutdown(), app[Symbol.asyncDispose]()])
    await app.close()
    assert.equal(runs, 1)
  })

  test('is not bound by pluginTimeout', async (t) => {
    const app = await makeApp(t, {}, { pluginTimeout: 30 })
    app.onShutdown(() => new Promise<void>((resolve) => setTimeout(resolve, 120)))
    await app.close()
    assert.equal(app.lifecycle.report?.outcome, 'clean')
  })
})

describe('the order of the hooks', () => {
  /** Registers hooks that say when they begin and end; each is done a turn of the event loop later. */
  async function appWith(t: TestContext, hooks: Readonly<Record<string, HookSchedule>>) {
    const app = await makeApp(t)
    const events: string[] = []
    for (const [name, schedule] of Object.entries(hooks)) {
      app.onShutdown(name, schedule, async () => {
        events.push(name)
        await new Promise((resolve) => setImmediate(resolve))
        events.push(`${name}.`)
      })
    }
    return { app, events }
  }

  const cases: readonly [what: string, hooks: Record<string, HookSchedule>, order: string][] = [
    ['is last in, first out where nothing is said', { a: {}, b: {}, c: {} }, 'c c. b b. a a.'],
    ['lets those that are free begin at once', { a: {}, b: { dependsOn: [] }, c: {} }, 'c b c. a b. a.'],
    [
      'stops a hook before what it names',
      { a: { dependsOn: ['c'] }, b: { dependsOn: [] }, c: {} },
      'b a b. a. c c.'
    ],
    [
      'takes the nearest one for a hook that names none, where nothing named contradicts it',
      { metrics: {}, outbox: { dependsOn: ['db'] }, db: {} },
      'outbox outbox. db db. metrics metrics.'
    ],
    [
      'knows diamonds',
      {
        db: {},
        left: { dependsOn: ['db'] },
        right: { dependsOn: ['db'] },
        top: { dependsOn: ['left', 'right'] }
      },
      'top top. left right left. right. db db.'
    ],
    [
      'keeps to the phases, whatever depends on a later one',
      { duck: { phase: 'lameDuck', dependsOn: ['last'] }, last: {} },
      'duck duck. last last.'
    ]
  ]
  for (const [what, hooks, order] of cases) {
    test(what, async (t) => {
      const { app, events } = await appWith(t, hooks)
      await app.close()
      assert.equal(events.join(' '), order)
    })
  }

  test('costs synchronous hooks no promise', async (t) => {
    const app = await makeApp(t)
    const events: string[] = []
    app.onShutdown('second', () => void events.push('second'))
    app.onShutdown('first', () => {
      events.push('first')
      queueMicrotask(() => events.push('microtask'))
    })
    await app.close()
    assert.deepEqual(events, ['first', 'second', 'microtask'])
  })

  test('is in the report, with the failures before it', async (t) => {
    const { app } = await appWith(t, { db: {}, broker: { dependsOn: [] } })
    app.onShutdown('outbox', { dependsOn: ['db', 'broker'], timeout: 20 }, () => new Promise(() => {}))
    await assert.rejects(app.close(), { code: 'FST_LIFECYCLE_HOOKS_FAILED' })
    assert.deepEqual(
      app.lifecycle.report?.hooks.map(({ name, outcome, waitedFor, despite }) => [
        name,
        outcome,
        waitedFor,
        despite
      ]),
      [
        ['outbox', 'timeout', [], []],
        ['db', 'ok', ['outbox'], ['outbox']],
        ['broker', 'ok', ['outbox'], ['outbox']]
      ]
    )
  })

  const refused: readonly [
    what: string,
    hooks: Record<string, HookSchedule>,
    code: string,
    message: RegExp
  ][] = [
    [
      'a circle',
      { a: { dependsOn: ['b'] }, b: { dependsOn: ['c'] }, c: { dependsOn: ['a'] } },
      'CYCLE',
      /: a → b → c → a\./
    ],
    ['a hook that needs itself', { x: {}, a: { dependsOn: ['a'] } }, 'CYCLE', /: a → a\./],
    [
      'a name that is mistyped',
      { db: {}, a: { dependsOn: ['bd'] } },
      'DEPENDENCY_UNKNOWN',
      /'a'.*'bd'.*mean 'db'/
    ],
    [
      'a name that nothing is like',
      { db: {}, a: { dependsOn: ['postgres'] } },
      'DEPENDENCY_UNKNOWN',
      /Known are: db\./
    ],
    [
      'a name where there is no other hook',
      { a: { dependsOn: ['db'] } },
      'DEPENDENCY_UNKNOWN',
      /no other hook/
    ],
    [
      'a hook of an earlier phase',
      { consumer: { phase: 'lameDuck' }, db: { dependsOn: ['consumer'] } },
      'ORDER',
      /'db' in 'closing' cannot stop before 'consumer'.*'lameDuck'/
    ]
  ]
  for (const [what, hooks, code, message] of refused) {
    test(`is refused when the app boots: ${what}; and every hook still runs when it is closed`, async (t) => {
      const { app, events } = await appWith(t, hooks)
      await assert.rejects(async () => app.ready(), { code: `FST_LIFECYCLE_HOOK_${code}`, message })
      await app.close().catch(() => {})
      assert.equal(events.length, 2 * Object.keys(hooks).length)
    })
  }

  test('is checked at once where the app has booted', async (t) => {
    const { app, events } = await appWith(t, { db: {} })
    await app.ready()
    assert.throws(() => app.onShutdown('outbox', { dependsOn: ['bd'] }, () => {}), {
      code: 'FST_LIFECYCLE_HOOK_DEPENDENCY_UNKNOWN',
      message: /mean 'db'/
    })
    app.onShutdown('outbox', { dependsOn: ['db'] }, () => void events.push('outbox'))
    await app.close()
    assert.deepEqual(events, ['outbox', 'db', 'db.'])
  })
})

describe('a hook that cannot be one is a coded error:', () => {
  const cases: readonly [what: string, args: readonly unknown[], code: string, message: RegExp][] = [
    ['nothing', [], 'HOOK_INVALID', /got undefined/],
    ['a number', [1], 'HOOK_INVALID', /the number 1/],
    ['a name alone', ['db'], 'HOOK_INVALID', /a function as its handler, but got undefined/],
    [
      'options after a handler',
      [() => {}, { phase: 'lameDuck' }],
      'HOOK_INVALID',
      /a name before its options/
    ],
    ['more after the handler', ['db', {}, () => {}, 1], 'HOOK_INVALID', /its handler last, after 'db'/],
    ['options that are none', ['db', null, () => {}], 'HOOK_INVALID', /'db'.*null/],
    [
      'an unknown option',
      ['db', { dependOn: [] }, () => {}],
      'OPTION_UNKNOWN',
      /onShutdown\('db'\).dependOn/
    ],
    [
      'an unknown phase',
      ['db', { phase: 'ready' }, () => {}],
      'OPTION_INVALID',
      /one of 'lameDuck', 'draining'/
    ],
    ['a negative timeout', ['db', { timeout: -1 }, () => {}], 'OPTION_INVALID', /onShutdown\('db'\).timeout/],
    [
      'a handler that waits to be called back',
      [(_context: unknown, _done: unknown) => {}],
      'HOOK_INVALID',
      /one parameter.*returns a promise.*one with 2\. There is no callback/
    ],
    [
      'names that are no array',
      ['db', { dependsOn: 'a' }, () => {}],
      'OPTION_INVALID',
      /db'\).dependsOn' must be an array/
    ],
    ['a name that is none', ['db', { dependsOn: [''] }, () => {}], 'OPTION_INVALID', /dependsOn/],
    [
      'a name that is given twice',
      ['db', { dependsOn: ['a', 'a'] }, () => {}],
      'OPTION_INVALID',
      /each once/
    ],
    ['an empty name', [{ name: '', handler: () => {} }], 'HOOK_INVALID', /not empty/],
    ['a name that is no string', [{ name: 1, handler: () => {} }], 'HOOK_INVALID', /the number 1/],
    ['an object without a handler', [{ name: 'db' }], 'HOOK_INVALID', /a function as its handler/]
  ]
  for (const [what, args, code, message] of cases) {
    test(what, async (t) => {
      const app = await makeApp(t)
      const onShutdown = app.onShutdown as unknown as (this: FastifyInstance, ...rest: unknown[]) => void
      assert.throws(() => onShutdown.apply(app, [...args]), { code: `FST_LIFECYCLE_${code}`, message })
    })
  }

  test('a name that is taken', async (t) => {
    const app = await makeApp(t)
    app.onShutdown('db', () => {})
    assert.throws(() => app.onShutdown('db', () => {}), {
      code: 'FST_LIFECYCLE_HOOK_DUPLICATE',
      message: /'db'/
    })
  })

  test('a hook that comes when the shutdown has begun', async (t) => {
    const app = await makeApp(t)
    await app.ready()
    const closed = app.close()
    assert.throws(() => app.onShutdown('db', () => {}), {
      code: 'FST_LIFECYCLE_HOOK_TOO_LATE',
      message: /'db'/
    })
    await closed
  })
})
