import assert from 'node:assert/strict'
import { PassThrough } from 'node:stream'
import { describe, type TestContext, test } from 'node:test'
import type { FastifyServerOptions } from 'fastify'
import type { LifecycleOptions } from 'fastify-lifecycle'
import { isRemote, itself } from '../../../lib/health/probers.ts'
import { cleanup } from '../../support/cleanup.ts'
import { request } from '../../support/client.ts'
import { makeApp, portOf } from '../../support/in-process.ts'

/** An app that listens, and what it has said of a balancer so far. */
async function serving(t: TestContext, options: LifecycleOptions, server: FastifyServerOptions = {}) {
  const stream = new PassThrough()
  let output = ''
  stream.on('data', (chunk) => {
    output += chunk
  })
  const app = await makeApp(t, options, { ...server, logger: { level: 'warn', stream } })
  await app.listen({ port: 0, host: '127.0.0.1' })
  return { app, said: () => output.split('\n').filter((line) => line.includes('LIFECYCLE_UNTOLD_BALANCER')) }
}

/** Clients seem to have this address. */
function from(app: Awaited<ReturnType<typeof makeApp>>, address: string): void {
  app.server.on('connection', (socket) => Object.defineProperty(socket, 'remoteAddress', { value: address }))
}

async function probe(port: number, times: number): Promise<void> {
  for (let count = 0; count < times; count++) {
    const { status } = await request(port, '/readyz')
    assert.equal(status, 200)
  }
}

describe('a balancer that nobody tells of the end', () => {
  test('is noticed once where the app trusts a proxy', async (t) => {
    const { app, said } = await serving(t, {}, { trustProxy: true })
    from(app, '192.0.2.7')
    await probe(portOf(app), 4)
    assert.equal(said().length, 1)
    assert.match(said()[0] as string, /"level":40.*`trustProxy` is set.*Set `lameDuck`.*`handOver: true`/)
  })

  test('is noticed once where another host asks for readiness again and again', async (t) => {
    const { app, said } = await serving(t, {})
    from(app, '192.0.2.7')
    await probe(portOf(app), 2)
    assert.deepEqual(said(), [])
    await probe(portOf(app), 3)
    assert.equal(said().length, 1)
    assert.match(said()[0] as string, /another host asks the readiness probe/)
    assert.doesNotMatch(said()[0] as string, /192\.0\.2\.7/)
  })

  test('is none where this host asks, or nobody trusts a proxy', async (t) => {
    const { app, said } = await serving(t, {})
    await probe(portOf(app), 4)
    assert.deepEqual(said(), [])
  })

  for (const options of [{ lameDuck: 0 }, { lameDuck: 10 }, { handOver: true }, { handOver: false }]) {
    test(`is no matter where somebody has decided: ${JSON.stringify(options)}`, async (t) => {
      const { said } = await serving(t, options, { trustProxy: true })
      assert.deepEqual(said(), [])
    })
  }

  test('is no matter where the lame duck is on by itself', async (t) => {
    process.env['KUBERNETES_SERVICE_HOST'] = '10.0.0.1'
    cleanup(t, () => {
      delete process.env['KUBERNETES_SERVICE_HOST']
    })
    const { said } = await serving(t, { terminationLog: false }, { trustProxy: true })
    assert.deepEqual(said(), [])
  })
})

test('another host is one with an address that is not this one', () => {
  const senders = ['192.0.2.7,1.1,agent,x', '2001:db8::1,1.1,,', '::ffff:192.0.2.7,1.1,,']
  for (const sender of senders) assert.equal(isRemote(sender), true, sender)
  for (const sender of [
    '127.0.0.1,1.1,,',
    '127.8.0.1,1.1,,',
    '::1,1.1,,',
    '::ffff:127.0.0.1,1.1,,',
    ',1.1,,',
    itself
  ]) {
    assert.equal(isRemote(sender), false, sender)
  }
})
