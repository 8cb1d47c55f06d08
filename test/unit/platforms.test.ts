import assert from 'node:assert/strict'
import nodeCluster from 'node:cluster'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, test } from 'node:test'
import Fastify, { type FastifyPluginAsync } from 'fastify'
import lifecycle from '../../index.ts'
import cluster, { supervise } from '../../platforms/cluster/index.ts'
import { onceReady } from '../../platforms/once-ready.ts'
import pm2 from '../../platforms/pm2.ts'
import systemd from '../../platforms/systemd.ts'
import { SystemdNotify } from '../../platforms/systemd-notify.ts'
import { cleanup } from '../support/cleanup.ts'
import { makeApp } from '../support/in-process.ts'
import { withSignals } from '../support/program.ts'

const plugins: Record<string, FastifyPluginAsync> = { systemd, pm2, cluster }

for (const [name, plugin] of Object.entries(plugins)) {
  describe(`fastify-lifecycle/${name}`, () => {
    test('has no options, and says where they belong', async (t) => {
      const app = await makeApp(t)
      await assert.rejects(async () => app.register(plugin, { deadline: 1 } as never), {
        code: 'FST_LIFECYCLE_OPTION_UNKNOWN',
        message: new RegExp(`'deadline'.*fastify-lifecycle/${name} has no options`)
      })
    })

    test('refuses options that it cannot read', async (t) => {
      const app = await makeApp(t)
      for (const options of [new Map(), new Proxy({}, { ownKeys: () => assert.fail() })]) {
        await assert.rejects(async () => plugin(app, options as never), {
          code: 'FST_LIFECYCLE_OPTION_INVALID'
        })
      }
    })

    test('comes after fastify-lifecycle', async () => {
      const app = Fastify()
      await assert.rejects(async () => app.register(plugin), /fastify-lifecycle/)
    })

    test('does nothing elsewhere', async (t) => {
      const counts = () => process.eventNames().map((event) => [event, process.listenerCount(event)])
      const app = await makeApp(t)
      const before = counts()
      await app.register(plugin)
      await app.ready()
      assert.deepEqual(app.lifecycle.phase, 'ready')
      assert.deepEqual(counts(), before)
    })
  })
}

test('lifecycle.deadline is the option, or its default', async (t) => {
  assert.equal((await makeApp(t, { deadline: 1_234 })).lifecycle.deadline, 1_234)
  const app = Fastify()
  cleanup(t, () => app.close())
  await app.register(lifecycle, { signals: false })
  assert.equal(app.lifecycle.deadline, 9_000)
})

test('no platform learns of the readiness of an app that shuts down before', async (t) => {
  const app = await makeApp(t)
  let told = 0
  onceReady(app, () => told++)
  await app.close()
  assert.equal(told, 0)
})

test('systemd-notify that is killed is a failure, told once', withSignals, async (t) => {
  const directory = mkdtempSync(join(tmpdir(), 'notify-'))
  const path = process.env['PATH']
  // The child keeps nothing alive.
  const alive = setInterval(() => {}, 1_000)
  t.after(() => {
    clearInterval(alive)
    process.env['PATH'] = path
    rmSync(directory, { recursive: true })
  })
  writeFileSync(join(directory, 'systemd-notify'), '#!/bin/sh\nkill -9 $$\n', { mode: 0o755 })
  process.env['PATH'] = directory
  const reason = await new Promise<string>((resolve) => {
    const systemd = new SystemdNotify(resolve)
    systemd.tell({ READY: 1 })
    systemd.tell({ STATUS: 'never told' })
  })
  assert.equal(reason, 'systemd-notify ended with SIGKILL')
})

describe('supervise', () => {
  const bad: readonly [options: object, message: RegExp][] = [
    [{ worker: 2 }, /Did you mean 'workers'/],
    [{ workers: 0 }, /'workers' must be at least 1/],
    [{ workers: 1.5 }, /'workers' must be/],
    [{ readyTimeout: -1 }, /'readyTimeout' must be/],
    [{ log: 'stderr' }, /'log' must be a function/]
  ]
  for (const [options, message] of bad) {
    test(`refuses ${JSON.stringify(options)}, and starts no worker`, () => {
      assert.throws(() => supervise(options as never), { code: /^FST_LIFECYCLE_OPTION_/, message })
      assert.deepEqual(nodeCluster.workers, {})
    })
  }
})

test('a watchdog of systemd that never barks costs nothing', async (t) => {
  const env = { NOTIFY_SOCKET: '/nowhere', WATCHDOG_USEC: '18446744073709551615' }
  Object.assign(process.env, env)
  cleanup(t, () => {
    for (const name of Object.keys(env)) delete process.env[name]
  })
  const warnings: string[] = []
  const onWarning = ({ name }: Error) => warnings.push(name)
  process.on('warning', onWarning)
  cleanup(t, () => process.off('warning', onWarning))
  const app = await makeApp(t)
  await app.register(systemd)
  await new Promise((resolve) => setImmediate(resolve))
  // A timer that is too long for Node.js would fire every millisecond.
  assert.deepEqual(warnings, [])
})
