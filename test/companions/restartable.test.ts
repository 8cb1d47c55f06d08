import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { FastifyInstance, FastifyServerOptions } from 'fastify'
import lifecycle from '../../index.ts'
import { cleanup } from '../support/cleanup.ts'
import { request } from '../support/client.ts'
import { load, withPackages } from '../support/companions.ts'
import { portOf } from '../support/in-process.ts'

type Restartable = FastifyInstance & { restart(): Promise<void> }
type Create = (
  fastify: (options: FastifyServerOptions) => Restartable,
  options: FastifyServerOptions
) => Promise<Restartable>

describe('@fastify/restartable', await withPackages('@fastify/restartable'), () => {
  test('cannot restart with the plugin, because its apps have one server: that is refused, and the app serves on', async (t) => {
    const { restartable } = await load<{
      restartable(create: Create, options: object): Promise<Restartable>
    }>('@fastify/restartable')
    let apps = 0
    const app = await restartable(async (fastify, options) => {
      const each = fastify(options)
      await each.register(lifecycle, { signals: false, exit: false })
      const number = ++apps
      each.get('/', async () => ({ number }))
      return each
    }, {})
    cleanup(t, () => app.close())
    await app.listen({ port: 0, host: '127.0.0.1' })
    const port = portOf(app)
    for (let attempt = 0; attempt < 2; attempt++) {
      await assert.rejects(() => app.restart(), { code: 'FST_LIFECYCLE_SERVER_SHARED' })
      assert.deepEqual(JSON.parse((await request(port, '/')).body), { number: 1 })
    }
    await app.close()
    await assert.rejects(request(port, '/'), { code: 'ECONNREFUSED' })
  })
})
