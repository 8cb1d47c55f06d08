import assert from 'node:assert/strict'
import { join } from 'node:path'
import { describe, type TestContext, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import 'reflect-metadata'
import { NestFactory } from '@nestjs/core'
import type { NestFastifyApplication } from '@nestjs/platform-fastify'
import type { FastifyInstance } from 'fastify'
import { LifecycleAdapter, registerLifecycle } from '../../examples/nestjs/lifecycle.ts'
import { Database, OrdersModule } from '../../examples/nestjs/orders.ts'
import { fakeProcess } from '../../testing/index.ts'
import { cleanup } from '../support/cleanup.ts'
import { request } from '../support/client.ts'
import { Program } from '../support/program.ts'

const dist = fileURLToPath(new URL('../../', import.meta.url))

/** The service in a process of its own, with an order in flight; signalled, and what came of the order. */
async function signalled(
  t: TestContext,
  path: string,
  env: NodeJS.ProcessEnv = {}
): Promise<{ service: Program; status: number }> {
  const service = new Program(t, process.execPath, [join(dist, path)], { PORT: '0', ...env })
  const order = request(await service.port(), '/orders', { method: 'POST' })
  await service.prints(/incoming request/)
  service.kill('SIGTERM')
  return { service, status: (await order).status }
}

const nestHooks = [
  'nest: onModuleDestroy',
  'nest: beforeApplicationShutdown, SIGTERM',
  'nest: onApplicationShutdown, SIGTERM'
]

describe('a NestJS service on Fastify', { skip: process.platform === 'win32' }, () => {
  test('finishes the order in flight at a signal, then runs each hook of Nest once, in order, and exits 0', async (t) => {
    const { service, status } = await signalled(t, 'examples/nestjs/main.js')
    assert.equal(status, 201)
    assert.deepEqual(await service.ended, { code: 0, signal: null })
    assert.deepEqual(service.lines, ['consumer: stopped', 'order: written', ...nestHooks])
    assert.match(service.output, /shutdown clean/)
    assert.doesNotMatch(service.output, /LIFECYCLE_SIGNAL_CONTESTED/)
  })

  test('on its own destroys its providers under the order in flight', async (t) => {
    const { service, status } = await signalled(t, 'test/fixtures/nestjs-alone.js')
    assert.equal(status, 500)
    assert.deepEqual(await service.ended, { code: null, signal: 'SIGTERM' })
    assert.match(service.output, /the pool has ended/)
  })

  test('does so as well where `enableShutdownHooks` listens beside the plugin, which warns of it at boot', async (t) => {
    const { service, status } = await signalled(t, 'test/fixtures/nestjs-alone.js', { BOTH: 'yes' })
    assert.equal(status, 500)
    assert.match(service.output, /LIFECYCLE_SIGNAL_CONTESTED/)
  })
})

describe('a NestJS app in a test', () => {
  async function make(t: TestContext): Promise<{ nest: NestFastifyApplication; app: FastifyInstance }> {
    t.mock.method(console, 'log', () => {})
    const nest = await NestFactory.create<NestFastifyApplication>(OrdersModule, new LifecycleAdapter(), {
      logger: false
    })
    const app = await registerLifecycle(nest)
    await nest.init()
    cleanup(t, () => nest.close())
    return { nest, app }
  }

  test('takes the whole walk with its own close(), and leaves no listener', async (t) => {
    const before = process.listenerCount('SIGTERM')
    const { nest, app } = await make(t)
    const destroyed = t.mock.method(nest.get(Database), 'onModuleDestroy')
    await nest.close()
    assert.equal(destroyed.mock.callCount(), 1)
    assert.equal(app.lifecycle.phase, 'closed')
    assert.deepEqual(
      app.lifecycle.report?.hooks.map(({ name, outcome }) => `${name} ${outcome}`),
      ['nest ok']
    )
    assert.equal(process.listenerCount('SIGTERM'), before)
  })

  test('answers late requests with a 503 of Nest in the drain, and goes through a fake process', async (t) => {
    const { app } = await make(t)
    const fake = fakeProcess(app)
    const draining = fake.hold('draining')
    const exit = fake.kill()
    await draining.reached
    const late = await app.inject({ method: 'POST', url: '/orders' })
    assert.equal(late.statusCode, 503)
    assert.ok(late.headers['retry-after'])
    assert.deepEqual(Object.keys(late.json()), ['statusCode', 'message'])
    draining.release()
    assert.equal((await exit).exitCode, 0)
  })
})
