import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { CheckEvent, CheckFunction, CheckOptions } from '../../../index.ts'
import { Checks } from '../../../lib/health/checks.ts'
import { latch, makeApp } from '../../support/in-process.ts'

function setUp(declared: Record<string, CheckFunction | CheckOptions>) {
  const events: CheckEvent[] = []
  const checks = new Checks((event) => events.push(event))
  for (const [name, check] of Object.entries(declared)) checks.add(name, check)
  return { checks, events }
}

describe('a check', () => {
  const ways: readonly [what: string, check: CheckFunction, state: string, code?: string][] = [
    ['returns nothing', () => {}, 'ok'],
    ['returns what is not false', async () => ({ rows: [] }), 'ok'],
    ['returns false', () => false, 'failing', 'FST_LIFECYCLE_CHECK_FALSE'],
    ['resolves with false', async () => false, 'failing', 'FST_LIFECYCLE_CHECK_FALSE'],
    [
      'throws',
      () => {
        throw Object.assign(new Error(), { code: 'THROWN' })
      },
      'failing',
      'THROWN'
    ],
    [
      'rejects',
      async () => {
        throw Object.assign(new Error(), { code: 'REJECTED' })
      },
      'failing',
      'REJECTED'
    ],
    ['hangs', () => new Promise(() => {}), 'failing', 'FST_LIFECYCLE_CHECK_TIMEOUT']
  ]
  for (const [what, check, state, code] of ways) {
    test(`that ${what} is ${state}`, async () => {
      const { checks, events } = setUp({ db: { check, timeout: 20 } })
      assert.equal(checks.areGood('ready'), true)
      await checks.refresh('ready')
      assert.equal(checks.areGood('ready'), state === 'ok')
      const [event] = events as [CheckEvent & { error?: { code: string } }]
      assert.deepEqual(
        [event.name, event.state, event.previous, event.error?.code],
        ['db', state, 'unknown', code]
      )
    })
  }

  test('gets a signal when its time is up', async () => {
    const aborted = latch()
    const { checks } = setUp({
      db: {
        timeout: 10,
        check: ({ signal }) => new Promise(() => signal.addEventListener('abort', aborted.open))
      }
    })
    await checks.refresh('ready')
    await aborted.opened
  })

  test('runs once for all who ask at once, and again when its result is too old', async () => {
    let runs = 0
    const done = latch()
    const check = () => {
      runs++
      return done.opened
    }
    const { checks } = setUp({ long: { ttl: 600_000, check }, short: { ttl: 1, probe: 'live', check } })
    const asked = Array.from({ length: 100 }, () => [checks.refresh('ready'), checks.refresh('live')])
    done.open()
    await Promise.all(asked.flat())
    assert.equal(runs, 2)
    assert.equal(checks.refresh('ready'), undefined)
    while (checks.refresh('live') === undefined) await new Promise((resolve) => setTimeout(resolve, 5))
    assert.equal(runs, 3)
  })

  for (const [how, end] of [
    ['ends well', (done: ReturnType<typeof latch>) => done.open()],
    ['fails', (_done: ReturnType<typeof latch>, fail: (error: Error) => void) => fail(new Error('late'))]
  ] as const) {
    test(`that takes too long never runs twice at once, and again when the first run ${how}`, async () => {
      let runs = 0
      const done = latch()
      let fail: (error: Error) => void = () => {}
      const failed = new Promise((_resolve, reject) => {
        fail = reject
      })
      const { checks } = setUp({
        db: {
          ttl: 0,
          timeout: 1,
          check: () => (++runs === 1 ? Promise.race([done.opened, failed]) : undefined)
        }
      })
      await checks.refresh('ready')
      for (let count = 0; count < 10; count++) assert.equal(checks.refresh('ready'), undefined)
      assert.deepEqual([runs, checks.areGood('ready')], [1, false])
      end(done, fail)
      await new Promise((resolve) => setImmediate(resolve))
      assert.equal(checks.areGood('ready'), false)
      await checks.refresh('ready')
      assert.deepEqual([runs, checks.areGood('ready')], [2, true])
    })
  }

  test('says when its state changes, and only then', async () => {
    let good = true
    const { checks, events } = setUp({ db: { ttl: 0, check: () => good } })
    for (const next of [true, true, false, false, true]) {
      good = next
      await checks.refresh('ready')
    }
    assert.deepEqual(
      events.map(({ previous, state }) => `${previous} → ${state}`),
      ['unknown → ok', 'ok → failing', 'failing → ok']
    )
  })

  test('belongs to one probe, and fails it if it is critical', async () => {
    const { checks } = setUp({
      cache: { check: () => false, critical: false },
      heap: { check: () => false, probe: 'live' }
    })
    await Promise.all([checks.refresh('ready'), checks.refresh('live')])
    assert.deepEqual(
      [checks.areGood('ready'), checks.areGood('live'), checks.areGood('startup')],
      [true, false, true]
    )
  })
})

describe('a check that cannot be one is a coded error:', () => {
  const bad: readonly [what: string, name: unknown, check: unknown, code: string, message: RegExp][] = [
    ['no name', '', () => true, 'OPTION_INVALID', /name that is a string and not empty/],
    ['no function', 'db', undefined, 'OPTION_INVALID', /'checks.db' must be a function, or an object/],
    ['null', 'db', null, 'OPTION_INVALID', /null/],
    ['an object without its function', 'db', {}, 'OPTION_INVALID', /'checks.db.check' must be a function/],
    [
      'an unknown key',
      'db',
      { check: () => true, tll: 1 },
      'OPTION_UNKNOWN',
      /'checks.db.tll'. Did you mean 'ttl'/
    ],
    ['an array', 'db', [], 'OPTION_INVALID', /'checks.db' must be an object/],
    [
      'a timeout in words',
      'db',
      { check: () => true, timeout: '1s' },
      'OPTION_INVALID',
      /'checks.db.timeout'/
    ],
    ['a negative ttl', 'db', { check: () => true, ttl: -1 }, 'OPTION_INVALID', /'checks.db.ttl'/],
    ['half critical', 'db', { check: () => true, critical: 1 }, 'OPTION_INVALID', /'checks.db.critical'/],
    [
      'an unknown probe',
      'db',
      { check: () => true, probe: 'alive' },
      'OPTION_INVALID',
      /one of 'live', 'ready'/
    ]
  ]
  for (const [what, name, check, code, message] of bad) {
    test(what, () => {
      const { checks } = setUp({})
      assert.throws(() => checks.add(name as string, check as CheckFunction), {
        code: `FST_LIFECYCLE_${code}`,
        message
      })
    })
  }

  test('a name that is taken', async (t) => {
    const app = await makeApp(t, { checks: { db: () => true } })
    assert.throws(() => app.lifecycle.addCheck('db', () => true), {
      code: 'FST_LIFECYCLE_CHECK_DUPLICATE',
      message: /'db'/
    })
  })
})
