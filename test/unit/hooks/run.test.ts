import assert from 'node:assert/strict'
import { beforeEach, describe, test } from 'node:test'
import type { FastifyBaseLogger, FastifyInstance } from 'fastify'
import type { HookContext, HookHandler, HookSchedule } from '../../../lib/hooks/hook.ts'
import type { HookRun, RunConditions } from '../../../lib/hooks/run.ts'
import type { ShutdownReason } from '../../../lib/report/reason.ts'
import { VirtualTime } from '../../support/virtual-time.ts'

const time = new VirtualTime()
const { HookRuns } = await time.load(() => import('../../../lib/hooks/run.ts'))
const { HookRegistry } = await import('../../../lib/hooks/registry.ts')

beforeEach(() => time.forget())

const reason: ShutdownReason = { type: 'signal', signal: 'SIGTERM' }
const instance = { name: 'the instance' } as unknown as FastifyInstance
const childLog = { name: 'the child' }
const log = { child: (bindings: object) => ({ ...childLog, ...bindings }) } as unknown as FastifyBaseLogger

type Hooks = Readonly<Record<string, HookHandler | readonly [HookSchedule, HookHandler]>>

/** The hooks of the phase `closing`, each registered after the one above it. */
function planOf(hooks: Hooks) {
  const registry = new HookRegistry(1_000)
  for (const [name, hook] of Object.entries(hooks)) {
    if (typeof hook === 'function') registry.add(instance, [name, hook])
    else registry.add(instance, [name, ...hook])
  }
  return registry.plan('closing')
}

/** Runs with what they asked and said, in the order in which it happened. */
function runsWith(conditions: Partial<RunConditions> = {}) {
  const events: string[] = []
  const runs = new HookRuns({
    reason,
    log,
    limitOf(hook, othersBehind) {
      events.push(`limit of ${hook.name}, ${othersBehind} behind`)
      return hook.timeout
    },
    onStart: () => events.push(`start of ${runs.all.at(-1)?.hook.name}`),
    onEnd: ({ hook, outcome }) => events.push(`${hook.name} ${outcome}`),
    ...conditions
  })
  return { runs, events }
}

/** What is known of a run, without its hook. */
function factsOf({ hook, ...facts }: HookRun) {
  return { name: hook.name, ...facts }
}

/** A handler that takes so many ms. */
const lasting = (ms: number) => () => time.sleep(ms)
const failing = (error: unknown) => () => {
  throw error
}
const hanging = () => new Promise(() => {})

describe('a hook', () => {
  test('is given the limit that it was granted, and a logger with its name', async () => {
    const given: HookContext[] = []
    const self: unknown[] = []
    const { runs } = runsWith({ limitOf: () => 77 })
    const db: HookHandler = function (context) {
      self.push(this)
      given.push(context)
    }
    await runs.run(planOf({ db }))
    const [{ signal, ...context }] = given as [HookContext]
    assert.deepEqual(context, {
      ...{ name: 'db', phase: 'closing', reason, timeout: 77 },
      log: { name: 'the child', hook: 'db' }
    })
    assert.deepEqual([self, signal.aborted], [[instance], false])
  })

  test('is given the logger of the app where that refuses to make children', async () => {
    const ended = { child: failing(new Error('the logger has ended')) } as unknown as FastifyBaseLogger
    const logs: unknown[] = []
    const { runs } = runsWith({ log: ended })
    await runs.run(planOf({ db: ({ log }) => void logs.push(log) }))
    assert.deepEqual([logs[0] === ended, runs.failed], [true, []])
  })

  test('asks for its limit when its turn comes, with how many wait behind it', async () => {
    const { runs, events } = runsWith()
    await time.until(runs.run(planOf({ db: () => {}, outbox: lasting(5), metrics: () => {} })))
    assert.deepEqual(events, [
      ...['limit of metrics, 2 behind', 'start of metrics', 'metrics ok'],
      ...['limit of outbox, 1 behind', 'start of outbox', 'outbox ok'],
      ...['limit of db, 0 behind', 'start of db', 'db ok']
    ])
  })

  test('begins in the moment in which the last hook that it waits for ends', async () => {
    const { runs } = runsWith()
    const hooks: Hooks = {
      db: [{ dependsOn: [] }, () => {}],
      quick: [{ dependsOn: ['db'] }, lasting(20)],
      slow: [{ dependsOn: ['db'] }, lasting(50)],
      stranger: [{ dependsOn: [] }, lasting(300)]
    }
    await time.until(runs.run(planOf(hooks)))
    const times = runs.all.map(({ hook, start, end }) => [hook.name, start, end])
    assert.deepEqual(times, [
      ['stranger', 0, 300],
      ['slow', 0, 50],
      ['quick', 0, 20],
      ['db', 50, 50]
    ])
  })
})

describe('the run of a hook', () => {
  const failure = new Error('no')
  const endings: readonly [
    how: string,
    handler: HookHandler,
    end: number,
    outcome: string,
    error: unknown
  ][] = [
    ['returns', () => 'done', 0, 'ok', undefined],
    ['resolves', lasting(30), 30, 'ok', undefined],
    ['throws', failing(failure), 0, 'error', failure],
    ['throws nothing', failing(undefined), 0, 'error', undefined],
    ['rejects', () => time.sleep(30).then(failing(failure)), 30, 'error', failure]
  ]
  for (const [how, handler, end, outcome, error] of endings) {
    test(`that ${how} is kept with its times and its outcome, and its signal never aborts`, async () => {
      const signals: AbortSignal[] = []
      const { runs } = runsWith()
      const db: HookHandler = (context) => {
        signals.push(context.signal)
        return handler.call(instance, context)
      }
      await time.until(runs.run(planOf({ db })))
      await time.pass(10_000)
      assert.deepEqual(runs.all.map(factsOf), [
        { name: 'db', waitedFor: [], despite: [], start: 0, end, outcome, error }
      ])
      assert.equal(signals[0]?.aborted, false)
      assert.equal(time.timers, 0)
    })
  }

  test('that takes too long has the error that its signal aborts with, and ends before it is announced', async () => {
    const seen: unknown[] = []
    const { runs } = runsWith({
      limitOf: () => 99.7,
      onEnd: ({ end, outcome, error }) => seen.push(['end', end, outcome, error])
    })
    const db: HookHandler = ({ signal }) =>
      new Promise(() => signal.addEventListener('abort', () => seen.push(['aborted', signal.reason])))
    await time.until(runs.run(planOf({ db })))
    const error = runs.all[0]?.error as Error & { code: string }
    assert.deepEqual(seen, [
      ['aborted', error],
      ['end', 99, 'timeout', error]
    ])
    assert.equal(error.code, 'FST_LIFECYCLE_HOOK_TIMEOUT')
    assert.match(error.message, /'db'.* 100 ms/)
  })

  test('that takes too long has ended for good, whatever its promise does later', async () => {
    const { runs, events } = runsWith({ limitOf: () => 10 })
    const late = time.sleep(50).then(failing(new Error('late')))
    await time.until(runs.run(planOf({ db: () => late })))
    await time.pass(100)
    assert.deepEqual(events, ['start of db', 'db timeout'])
    assert.deepEqual([runs.all[0]?.end, runs.all[0]?.outcome], [10, 'timeout'])
    assert.deepEqual(runs.failed, runs.all)
  })

  test('says what it waited for, and which of those did not end well', async () => {
    const { runs } = runsWith()
    const hooks: Hooks = {
      db: [{ dependsOn: [] }, () => {}],
      fine: [{ dependsOn: ['db'] }, () => {}],
      broken: [{ dependsOn: ['db'] }, failing(failure)],
      stranger: [{ dependsOn: [] }, failing(failure)]
    }
    await runs.run(planOf(hooks))
    const db = runs.all.at(-1)
    assert.deepEqual([db?.hook.name, db?.despite], ['db', ['broken']])
    assert.deepEqual([...(db?.waitedFor ?? [])].sort(), ['broken', 'fine'])
    assert.deepEqual(
      runs.failed.map(({ hook }) => hook.name),
      ['stranger', 'broken']
    )
  })

  test('is outstanding, and unfinished, until it ends', async () => {
    const { runs } = runsWith({ limitOf: () => 60_000 })
    await time.pass(5)
    const done = runs.run(planOf({ waiting: () => {}, slow: lasting(100), quick: () => {} }))
    await time.pass(40)
    assert.deepEqual(runs.outstanding, [{ name: 'slow', phase: 'closing', age: 40 }])
    assert.deepEqual([runs.all.at(-1)?.outcome, runs.all.at(-1)?.end], ['unfinished', undefined])
    await time.until(done)
    assert.deepEqual([runs.outstanding, time.now], [[], 105])
  })
})

test('a phase without hooks is over at once', async () => {
  const { runs, events } = runsWith()
  await runs.run(planOf({}))
  assert.deepEqual([runs.all, events], [[], []])
})

test('the runs of all phases are kept, in the order in which they began', async () => {
  const { runs } = runsWith({ limitOf: () => 10 })
  await time.until(runs.run(planOf({ first: hanging })))
  await runs.run(planOf({ second: () => {} }))
  assert.deepEqual(
    runs.all.map(({ hook, start, outcome }) => [hook.name, start, outcome]),
    [
      ['first', 0, 'timeout'],
      ['second', 10, 'ok']
    ]
  )
})
