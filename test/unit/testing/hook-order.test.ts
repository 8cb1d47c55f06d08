import assert from 'node:assert/strict'
import { test } from 'node:test'
import Fastify from 'fastify'
import lifecycle, { type HookSchedule, type Report } from '../../../index.ts'
import { assertHookOrder, fakeProcess } from '../../../testing/index.ts'

/** The report of a shutdown with these hooks, registered in this order. */
async function reportOf(hooks: Record<string, HookSchedule>): Promise<Report> {
  const app = Fastify()
  await app.register(lifecycle)
  for (const [name, schedule] of Object.entries(hooks)) app.onShutdown(name, schedule, () => {})
  const { report } = await fakeProcess(app).kill()
  return report
}

const free: HookSchedule = { dependsOn: [] }

test('an order that the registration makes is one, and so is one through others', async () => {
  const report = await reportOf({ db: {}, cache: {}, outbox: {} })
  assertHookOrder(report, 'outbox', 'cache', 'db')
  assertHookOrder(report, 'outbox', 'db')
  assertHookOrder(report, 'db')
  assertHookOrder(report)
})

test('an order that the phases make is one', async () => {
  assertHookOrder(await reportOf({ db: {}, consumer: { phase: 'lameDuck' } }), 'consumer', 'db')
})

test('hooks that run side by side have no order, whatever happened this time', async () => {
  const report = await reportOf({ db: free, outbox: free })
  for (const names of [
    ['db', 'outbox'],
    ['outbox', 'db']
  ] as const) {
    assert.throws(() => assertHookOrder(report, ...names), {
      name: 'AssertionError',
      message: `Nothing makes '${names[1]}' wait for '${names[0]}': they run side by side. Give '${names[0]}' \`dependsOn: ['${names[1]}']\`.`,
      actual: ['outbox', 'db']
    })
  }
})

test('the reverse of an order is none, and the message says what to change', async () => {
  const report = await reportOf({ db: {}, outbox: {}, consumer: { phase: 'lameDuck' } })
  assert.throws(() => assertHookOrder(report, 'db', 'outbox'), {
    message: "'outbox' stops before 'db'. Give 'db' `dependsOn: ['outbox']`."
  })
  assert.throws(() => assertHookOrder(report, 'db', 'consumer'), {
    message:
      "'consumer' stops before 'db', because it runs in the phase 'lameDuck', and 'db' in 'closing'. Change the `phase` of one of them."
  })
})

test('a hook that there is not is an error that names those there are', async () => {
  const report = await reportOf({ db: {}, outbox: {} })
  assert.throws(() => assertHookOrder(report, 'outbx', 'db'), {
    message: "There is no shutdown hook 'outbx'. Did you mean 'outbox'?"
  })
  assert.throws(() => assertHookOrder(report, 'metrics'), { message: /There are: 'outbox', 'db'\.$/ })
  assert.throws(() => assertHookOrder({ ...report, hooks: [] }, 'metrics'), { message: /There are: none\.$/ })
})
