import assert from 'node:assert/strict'
import nodeCluster from 'node:cluster'
import { describe, test } from 'node:test'
import Fastify, { type FastifyPluginAsync } from 'fastify'
import cluster, { supervise } from '../../platforms/cluster/index.ts'
import pm2 from '../../platforms/pm2.ts'
import systemd from '../../platforms/systemd.ts'
import { makeApp } from '../support/in-process.ts'

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

    test('comes after fastify-lifecycle', async () => {
      const app = Fastify()
      await assert.rejects(async () => app.register(plugin), /fastify-lifecycle/)
    })

    test('does nothing elsewhere', async (t) => {
      const app = await makeApp(t)
      await app.register(plugin)
      await app.ready()
      assert.deepEqual(app.lifecycle.phase, 'ready')
    })
  })
}

test('lifecycle.deadline is the option, or its default', async (t) => {
  assert.equal((await makeApp(t, { deadline: 1_234 })).lifecycle.deadline, 1_234)
  assert.equal((await makeApp(t)).lifecycle.deadline, 9_000)
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
