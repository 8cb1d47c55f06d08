import assert from 'node:assert/strict'
import { test } from 'node:test'
import { VirtualTime } from '../../support/virtual-time.ts'

const longestDelay = 2 ** 31 - 1

const time = new VirtualTime()
const { Holds } = await time.load(() => import('../../../lib/health/holds.ts'))

interface Reminder {
  readonly names: readonly string[]
  readonly ms: number
}

function make(patience: number) {
  const reminders: Reminder[] = []
  return { holds: new Holds((names, ms) => reminders.push({ names, ms }), patience), reminders }
}

test('what holds readiness off for long is said in the log, ever more seldom, until it lets go', async () => {
  const { holds, reminders } = make(50)
  const release = holds.add('warm-up')
  holds.add('maintenance')
  await time.pass(50)
  await time.pass(99)
  assert.deepEqual(
    reminders.map(({ names }) => names),
    [['warm-up', 'maintenance']]
  )
  await time.pass(1)
  assert.equal(reminders.length, 2)
  release()
  assert.deepEqual(holds.names, ['maintenance'])
  holds.stop()
  holds.add('too late to matter')
  await time.pass(1_000)
  assert.equal(reminders.length, 2)
  assert.equal(time.timers, 0)
})

test('when all have let go nothing is said, and of the next one as of the first', async () => {
  const { holds, reminders } = make(50)
  holds.add('warm-up')()
  await time.pass(1_000)
  assert.equal(reminders.length, 0)
  holds.add('maintenance')
  await time.pass(50)
  assert.equal(reminders.length, 1)
  holds.stop()
})

test('what holds it for ever is said as seldom as a timer can wait, and not without a pause', async () => {
  const { holds, reminders } = make(longestDelay)
  holds.add('for ever')
  await time.pass(longestDelay)
  assert.equal(reminders.length, 1)
  await time.pass(1)
  assert.equal(reminders.length, 1)
  await time.pass(longestDelay - 1)
  assert.equal(reminders.length, 2)
  holds.stop()
})
