import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import Fastify from 'fastify'
import lifecycle from '../../index.ts'
import { mismatchOf } from '../../lib/environment.ts'
import { cleanup } from '../support/cleanup.ts'

const settings = { deadline: 9_000 }

describe('a platform that kills before the deadline', () => {
  const table: readonly [when: string, env: NodeJS.ProcessEnv, kill: number | undefined][] = [
    ['is PM2 as it comes', { pm_id: '0' }, 1_600],
    ['is PM2 with a kill_timeout that is too short', { pm_id: '0', kill_timeout: '8999' }, 8_999],
    ['is PM2 whose daemon was given one that is too short', { pm_id: '0', PM2_KILL_TIMEOUT: '3000' }, 3_000],
    ['is not PM2 with a kill_timeout that is enough', { pm_id: '0', kill_timeout: '9000' }, undefined],
    [
      "is not PM2 where the app's own kill_timeout is enough, whatever the daemon was given",
      { pm_id: '0', kill_timeout: '9000', PM2_KILL_TIMEOUT: '3000' },
      undefined
    ],
    ['is not PM2 with a kill_timeout that nobody understands', { pm_id: '0', kill_timeout: 'x' }, undefined],
    ['is nobody without PM2', { kill_timeout: '100' }, undefined]
  ]
  for (const [when, env, kill] of table) {
    test(when, () => {
      const expected = kill && { platform: 'PM2', setting: 'kill_timeout', kill }
      assert.deepEqual(mismatchOf(settings, env), expected)
    })
  }

  test('is warned of once, when the app is ready', async (t) => {
    const lines: { level: number; code: string; msg: string }[] = []
    const logger = { stream: { write: (line: string) => lines.push(JSON.parse(line)) } }
    const app = Fastify({ logger })
    cleanup(t, () => app.close())
    process.env['pm_id'] = '0'
    t.after(() => {
      delete process.env['pm_id']
    })
    await app.register(lifecycle, { signals: false, exit: false })
    assert.equal(lines.length, 0)
    await app.ready()
    assert.equal(app.lifecycle.phase, 'ready')
    assert.equal(lines.length, 1)
    const [warning] = lines
    assert.equal(warning?.level, 40)
    assert.equal(warning?.code, 'LIFECYCLE_DEADLINE_MISMATCH')
    assert.match(warning?.msg ?? '', /PM2 kills .* 1600 ms .* 9000 ms.*`kill_timeout` of PM2 to 10000/)
  })
})
