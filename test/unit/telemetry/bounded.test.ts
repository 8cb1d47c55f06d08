import assert from 'node:assert/strict'
import { once } from 'node:events'
import { describe, test } from 'node:test'
import { loggableError, loggableReport } from '../../../lib/telemetry/loggable.ts'
import { fakeProcess } from '../../../testing/index.ts'
import { Wire } from '../../support/client.ts'
import { withoutRequestLines } from '../../support/fastify-options.ts'
import { latch, makeApp, portOf } from '../../support/in-process.ts'
import { clean, failed } from '../../support/reports.ts'

const mostBytes = 16_000

/** What a logger writes. */
function lines(): { stream: { write(line: string): void }; all: string[] } {
  const all: string[] = []
  return { all, stream: { write: (line) => all.push(line) } }
}

function longestOf(all: readonly string[]): number {
  return Math.max(...all.map((line) => Buffer.byteLength(line)))
}

function codesOf(all: readonly string[], code: string): Record<string, unknown>[] {
  return all.map((line) => JSON.parse(line)).filter((line) => line.code === code)
}

/** All that makes a text take much room in a line. */
const long = `${'\\"\u0001'.repeat(3_000)}${'é😀'.repeat(3_000)}`

function hostileError(causes = 5): Error {
  return Object.assign(new Error(long), {
    code: long,
    detail: long,
    response: { headers: { cookie: 'secret' }, body: long.repeat(10) },
    ...(causes > 0 && { cause: hostileError(causes - 1) })
  })
}

describe('no line of the log is longer than 16 kB', () => {
  // Nothing in it decides by time: requests hang until they are cut.
  test('however many requests, hooks, work and errors there are, and however long their texts', async (t) => {
    const { all, stream } = lines()
    const server = {
      logger: { stream },
      requestIdHeader: 'x-request-id',
      ...withoutRequestLines
    } as const
    const app = await makeApp(
      t,
      { exit: true, crashes: true, deadline: 60_000, drainTimeout: 100, hookTimeout: 100 },
      server
    )
    const hanging = latch()
    app.addHook('onRequest', (request, _reply, done) => {
      if (request.url.startsWith('/early')) return
      done()
    })
    let begun = 0
    app.get('/:id', () => {
      if (++begun === 10) hanging.open()
      return new Promise(() => {})
    })
    for (let index = 0; index < 50; index++) {
      app.onShutdown({ name: `${index} ${'n'.repeat(150)}`, handler: () => Promise.reject(hostileError()) })
      void app.lifecycle.track(new Promise(() => {}), `${index} ${long}`)
      app.lifecycle.hold(long)
      app.lifecycle.addCheck(`check ${index}`, () => Promise.reject(hostileError()))
    }
    app.lifecycle.on('phase', () => {
      throw hostileError()
    })
    await app.listen({ port: 0, host: '127.0.0.1' })
    const wires = Array.from({ length: 30 }, () => new Wire(portOf(app)))
    for (const [index, wire] of wires.entries()) {
      t.after(() => wire.socket.destroy())
      const path = index < 10 ? `/id?secret=${'s'.repeat(5_000)}` : `/early/${'%61'.repeat(2_000)}?secret`
      wire.send(
        `GET ${path} HTTP/1.1\nHost: x\nX-Request-Id: ${'i'.repeat(5_000)}\n\n`.repeat(index < 10 ? 1 : 20)
      )
    }
    await hanging.opened
    while (app.lifecycle.inFlight < 200) await once(app.server, 'request')

    const fake = fakeProcess(app)
    for (let index = 0; index < 50; index++) void fake.crash(hostileError())
    const { report } = await fake.crash(long)

    assert.ok(longestOf(all) < mostBytes, `${longestOf(all)} bytes`)
    assert.deepEqual(all.filter((line) => line.includes('secret')).length, 0)
    const { requests, work } = report
    assert.deepEqual([requests.cut.length, work.cut.length, work.cutCount], [20, 20, 50])
    assert.ok(requests.cutCount >= 200)
    assert.deepEqual([report.crashes.length, report.crashCount], [20, 50])
    assert.deepEqual([report.hooks.length, report.hooks.filter(({ error }) => error).length], [50, 20])
    // Twenty requests and twenty pieces of work, and a count of the others, each time that there are any.
    const cuts = codesOf(all, 'LIFECYCLE_CUT').length
    assert.ok(cuts >= 42 && cuts <= 44, `${cuts} lines`)
    assert.equal(codesOf(all, 'LIFECYCLE_HOOK').length, 21)
    const counted = codesOf(all, 'LIFECYCLE_CUT').map(({ others = 0 }) => Number(others))
    assert.equal(
      counted.reduce((sum, others) => sum + others),
      requests.cutCount - 20 + work.cutCount - 20
    )
    assert.deepEqual(
      codesOf(all, 'LIFECYCLE_HOOK').at(-1)?.['msg'],
      '30 more hooks failed: the report names them'
    )
    assert.equal(codesOf(all, 'LIFECYCLE_REPORT')[0]?.['isShortened'], true)
  })

  test('a short report is logged as it is, a longer one without what says least', () => {
    assert.deepEqual(loggableReport(failed), { report: failed })
    const error = { name: 'Error', message: 'm'.repeat(900), stack: 's'.repeat(3_000) }
    const hook = (name: string, outcome: 'ok' | 'error') =>
      ({
        ...failed.hooks[0],
        name,
        outcome,
        ...(outcome === 'error' && { error })
      }) as (typeof failed.hooks)[0]
    const fine = Array.from({ length: 15 }, (_, index) => hook(`fine ${index}`, 'ok'))
    const shorter = loggableReport({
      ...failed,
      hooks: [...fine, ...Array(10).fill(hook('broken', 'error'))]
    })
    assert.equal(shorter.isShortened, true)
    assert.deepEqual([shorter.report.hooks.length, shorter.report.hooks[9]?.name], [20, 'broken'])
    assert.deepEqual(Object.keys(shorter.report.hooks[0]?.error ?? {}), ['name', 'message'])
    assert.equal(shorter.report.hooks[0]?.error?.message.length, 198)
    const names = Array.from({ length: 100 }, (_, index) => `${index}${'n'.repeat(200)}`)
    const many = Array.from({ length: 100 }, () => ({
      ...hook('waits', 'ok'),
      waitedFor: names,
      despite: names
    }))
    const shortest = loggableReport({ ...clean, hooks: many })
    assert.deepEqual([shortest.report.hooks.length, shortest.report.phases], [5, clean.phases])
    assert.ok(Buffer.byteLength(JSON.stringify(shortest)) < 12_000)
  })
})

describe('an error in the log', () => {
  test('is the very error where it is short', () => {
    const error = Object.assign(new Error('short'), { code: 'SHORT', errno: -2 })
    assert.equal(loggableError(error), error)
    assert.equal(loggableError('thrown'), 'thrown')
    assert.equal(loggableError(5), '5')
  })

  test('is otherwise one of its class, with what fits, and with its causes', () => {
    const cause = new RangeError('why')
    const error = Object.assign(new TypeError(long, { cause }), {
      code: 'LONG',
      errno: -2,
      syscall: 'read',
      body: {}
    })
    const short = loggableError(error) as typeof error
    assert.ok(short instanceof TypeError && short !== error)
    assert.ok(short.message.length <= 1_000 && (short.stack as string).length <= 4_000)
    assert.deepEqual(Object.entries(short), [
      ['code', 'LONG'],
      ['errno', -2],
      ['syscall', 'read']
    ])
    assert.equal((short.cause as Error).message, 'why')
  })

  test('is reported as far as it can be read', () => {
    const hostile = new Proxy(new Error('x'), {
      get(_target, key) {
        if (key === 'message') return 'read'
        throw new Error('looked at')
      },
      ownKeys() {
        throw new Error('looked at')
      },
      getPrototypeOf: () => Error.prototype
    })
    const short = loggableError(hostile) as Error
    assert.deepEqual([short.message, Object.keys(short)], ['read', []])
  })

  test('has no text of its own where it would take more than is left', () => {
    const error = Object.assign(
      new Error('x'),
      Object.fromEntries(Array.from({ length: 100 }, (_, i) => [`k${i}`, long]))
    )
    const short = loggableError(error) as Error
    assert.ok(Object.keys(short).length <= 20)
    assert.ok(
      Buffer.byteLength(JSON.stringify({ ...short, message: short.message, stack: short.stack })) < 10_000
    )
  })
})
