import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import Fastify from 'fastify'
import lifecycle from '../../../index.ts'
import { mismatchOf } from '../../../lib/process/kill-timeout.ts'
import { cleanup } from '../../support/cleanup.ts'

const deadline = 9_000

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
      const expected = kill && { platform: 'PM2', setting: 'kill_timeout', kill, wanted: 10_000 }
      assert.deepEqual(mismatchOf(deadline, env), expected)
    })
  }

  const others: readonly [
    when: string,
    env: NodeJS.ProcessEnv,
    deadline: number,
    expected: object | undefined
  ][] = [
    [
      'is Railway with a draining time that is too short',
      { RAILWAY_DEPLOYMENT_ID: 'a', RAILWAY_DEPLOYMENT_DRAINING_SECONDS: '3' },
      8_500,
      { platform: 'Railway', setting: 'RAILWAY_DEPLOYMENT_DRAINING_SECONDS', kill: 3_000, wanted: 10 }
    ],
    ['is not Railway where the variable is not set', { RAILWAY_DEPLOYMENT_ID: 'a' }, 60_000, undefined],
    ['is not Railway elsewhere', { RAILWAY_DEPLOYMENT_DRAINING_SECONDS: '3' }, 60_000, undefined],
    ['is Heroku', { DYNO: 'web.1' }, 30_001, { platform: 'Heroku', kill: 30_000 }],
    ['is not Heroku with a deadline that fits', { DYNO: 'web.1' }, 30_000, undefined],
    ['is not Heroku where the variable is something else', { DYNO: 'yes' }, 60_000, undefined],
    ['is Cloud Run', { K_SERVICE: 'orders' }, 10_001, { platform: 'Cloud Run', kill: 10_000 }],
    ['is not Cloud Run with a deadline that fits', { K_SERVICE: 'orders' }, 9_000, undefined],
    [
      'is not Cloud Run but Knative on Kubernetes',
      { K_SERVICE: 'orders', KUBERNETES_SERVICE_HOST: '10.0.0.1' },
      25_000,
      undefined
    ],
    [
      'is nobody whose environment does not tell',
      { FLY_MACHINE_ID: 'a', NOMAD_ALLOC_ID: 'b', ECS_CONTAINER_METADATA_URI_V4: 'c' },
      60_000,
      undefined
    ]
  ]
  for (const [when, env, deadline, expected] of others) {
    test(when, () => assert.deepEqual(mismatchOf(deadline, env), expected))
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
