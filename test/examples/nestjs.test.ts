import assert from 'node:assert/strict'
import { join } from 'node:path'
import { describe, type TestContext, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import 'reflect-metadata'
import { NestFactory } from '@nestjs/core'
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify'
import type { FastifyBaseLogger, FastifyInstance } from 'fastify'
import type { LifecycleOptions } from 'fastify-lifecycle'
import { registerLifecycle } from 'fastify-lifecycle/nestjs'
import pino from 'pino'
import { Database, OrdersModule } from '../../examples/nestjs/orders.ts'
import { fakeProcess } from '../../testing/index.ts'
import { cleanup } from '../support/cleanup.ts'
import { request } from '../support/client.ts'
import { inTime, Late } from '../support/in-time.ts'
import { Program } from '../support/program.ts'

const compiled = fileURLToPath(new URL('../../', import.meta.url))

/** The service in a process of its own, with an order in flight; signalled, and what came of the order. */
async function signalled(t: TestContext, path: string): Promise<{ service: Program; status: number }> {
  const service = new Program(t, process.execPath, [join(compiled, path)], { PORT: '0' })
  const order = request(await service.listens(), '/orders', { method: 'POST' })
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
  for (const program of ['main', 'with-pino']) {
    test(`${program}: finishes the order in flight, runs each hook of Nest once, in order, and exits 0`, async (t) => {
      const { service, status } = await signalled(t, `examples/nestjs/${program}.js`)
      assert.equal(status, 201)
      assert.deepEqual(await service.exited, { code: 0, signal: null })
      const own = service.lines.filter((line) => /^(consumer|order|nest): /.test(line))
      assert.deepEqual(own, ['consumer: stopped', 'order: written', ...nestHooks])
      assert.match(service.output, /"code":"LIFECYCLE_REPORT"/)
      assert.doesNotMatch(service.output, /LIFECYCLE_SIGNAL_CONTESTED/)
    })
  }

  test('on its own destroys its providers under the order in flight', (t) =>
    inTime(t, async () => {
      const { service, status } = await signalled(t, 'test/fixtures/nestjs-alone.js')
      if (status === 201) throw new Late('the signal')
      assert.equal(status, 500)
      assert.deepEqual(await service.exited, { code: null, signal: 'SIGTERM' })
      assert.match(service.output, /the pool has ended/)
    }))
})

describe('a NestJS app in a test', () => {
  async function make(
    t: TestContext,
    logger?: FastifyBaseLogger,
    options?: LifecycleOptions
  ): Promise<{ nest: NestFastifyApplication; app: FastifyInstance }> {
    t.mock.method(console, 'log', () => {})
    const adapter = new FastifyAdapter(logger && { loggerInstance: logger })
    const nest = await NestFactory.create<NestFastifyApplication>(OrdersModule, adapter, { logger: false })
    cleanup(t, () => nest.close())
    if (logger === undefined) nest.enableShutdownHooks()
    const app = await registerLifecycle(nest, options)
    return { nest, app }
  }

  test('runs the whole shutdown with its own close(), and leaves no listener', async (t) => {
    const before = process.listenerCount('SIGTERM')
    const { nest, app } = await make(t)
    await nest.init()
    const destroyed = t.mock.method(nest.get(Database), 'onModuleDestroy')
    await nest.close()
    assert.equal(destroyed.mock.callCount(), 1)
    assert.equal(app.lifecycle.phase, 'closed')
    assert.deepEqual(
      app.lifecycle.report?.hooks.map(({ name, outcome }) => `${name} ${outcome}`),
      ['consumer ok', 'nest ok']
    )
    assert.equal(process.listenerCount('SIGTERM'), before)
  })

  test('does not listen to signals beside the plugin, whether `enableShutdownHooks` was called before or after', async (t) => {
    const before = process.listenerCount('SIGTERM')
    const lines: string[] = []
    const logger = pino({ level: 'warn' }, { write: (line: string) => lines.push(line) })
    const { nest } = await make(t, logger)
    await nest.init()
    const ours = process.listenerCount('SIGTERM')
    assert.equal(nest.enableShutdownHooks(), nest)
    assert.equal(process.listenerCount('SIGTERM'), ours)
    assert.deepEqual(
      lines.map((line) => JSON.parse(line).code),
      ['LIFECYCLE_NESTJS_HOOKS']
    )
    const { nest: early } = await make(t)
    assert.equal(process.listenerCount('SIGTERM'), ours, 'the apps share the listeners, and Nest has none')
    await Promise.all([nest.close(), early.close()])
    assert.equal(process.listenerCount('SIGTERM'), before)
  })

  test('gives the hooks of Nest what is left of the deadline, whatever `hookTimeout` is', async (t) => {
    const { nest, app } = await make(t, undefined, { hookTimeout: 1 })
    await nest.init()
    t.mock.method(nest.get(Database), 'onModuleDestroy', () => sleep(50))
    await nest.close()
    const hook = app.lifecycle.report?.hooks.find(({ name }) => name === 'nest')
    assert.equal(hook?.outcome, 'ok')
  })

  test('answers late requests with a 503 in the drain, and goes through a fake process', async (t) => {
    const { nest, app } = await make(t)
    await nest.init()
    const fake = fakeProcess(app)
    const draining = fake.hold('draining')
    const exit = fake.kill()
    await draining.reached
    const late = await app.inject({ method: 'POST', url: '/orders' })
    assert.equal(late.statusCode, 503)
    assert.ok(late.headers['retry-after'])
    assert.equal(late.json().code, 'FST_LIFECYCLE_DRAINING')
    draining.release()
    assert.equal((await exit).exitCode, 0)
  })
})

describe('what is not a Nest application on Fastify is a coded error', () => {
  const onExpress = { getHttpAdapter: () => ({ getInstance: () => () => {} }), close: async () => {} }
  for (const [what, nest, says] of [
    ['one on Express', onExpress, /but got one on another server/],
    ['nothing', undefined, /but got undefined/],
    ['a promise of one', Promise.resolve(), /but got an object/]
  ] as const) {
    test(what, async () => {
      await assert.rejects(registerLifecycle(nest as never), {
        code: 'FST_LIFECYCLE_NESTJS_APP',
        message: says
      })
    })
  }
})
