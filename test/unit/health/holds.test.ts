import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { FastifyBaseLogger } from 'fastify'
import { Holds } from '../../../lib/health/holds.ts'

test('what holds readiness off for long is said in the log, ever more seldom, until it lets go', async () => {
  const lines: { code: string; holds: string[]; text: string }[] = []
  let said = () => {}
  const log = {
    warn(fields: { code: string; holds: string[] }, text: string) {
      lines.push({ ...fields, text })
      said()
    }
  }
  const holds = new Holds(log as unknown as FastifyBaseLogger, 5)
  const release = holds.add('warm-up')
  holds.add('maintenance')
  // The reminder keeps no process alive.
  const alive = setInterval(() => {}, 1_000)
  while (lines.length < 2) {
    await new Promise<void>((resolve) => {
      said = resolve
    })
  }
  const [first] = lines
  assert.deepEqual([first?.code, first?.holds], ['LIFECYCLE_HELD', ['warm-up', 'maintenance']])
  assert.match(String(first?.text), /^still not ready after \d+ ms: held off by 'warm-up', 'maintenance'$/)
  release()
  assert.deepEqual(holds.names, ['maintenance'])
  holds.stop()
  const count = lines.length
  await new Promise((resolve) => setTimeout(resolve, 50))
  assert.equal(lines.length, count)
  clearInterval(alive)
})
