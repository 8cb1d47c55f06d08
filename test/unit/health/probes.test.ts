import assert from 'node:assert/strict'
import { createServer } from 'node:http'
import { describe, type TestContext, test } from 'node:test'
import Fastify from 'fastify'
import lifecycle, { type CheckEvent, type LifecycleOptions } from '../../../index.ts'
import { cleanup } from '../../support/cleanup.ts'
import { request } from '../../support/client.ts'
import { holdDrain, latch, makeApp, phaseOf, portOf } from '../../support/in-process.ts'

const here = { port: 0, host: '127.0.0.1' } as const

interface Line {
  readonly level: number
  readonly code?: string
  readonly msg: string
  readonly address?: string
}

/** An app that listens, and its log. */
async function listening(t: TestContext, options: LifecycleOptions = {}) {
  const lines: Line[] = []
  const logger = { stream: { write: (line: string) => void lines.push(JSON.parse(line)) } }
  const app = await makeApp(t, options, { logger })
  await app.listen(here)
  return {
    app,
    port: portOf(app),
    lines,
    coded: (code: string) => lines.filter((line) => line.code === code)
  }
}

/** What the probe says over the network. */
async function probe(port: number, path = '/readyz', headers = {}) {
  const { status, body, headers: answered } = await request(port, path, { headers })
  return { status, body, headers: answered }
}

describe('a check', () => {
  test('that fails makes the app unready, is logged and announced once, and ready again when it recovers', async (t) => {
    let good = true
    const { app, port, coded } = await listening(t, {
      health: { details: true },
      checks: {
        db: { ttl: 0, check: () => good },
        cache: { ttl: 0, critical: false, check: () => Promise.reject(new Error('a secret')) }
      }
    })
    const events: string[] = []
    app.lifecycle.on('check', ({ name, state }: CheckEvent) => events.push(`${name} ${state}`))
    assert.equal((await probe(port)).status, 200)
    assert.equal(app.lifecycle.ready, true)
    good = false
    for (let count = 0; count < 3; count++) assert.equal((await probe(port)).status, 503)
    assert.equal(app.lifecycle.ready, false)
    assert.equal((await probe(port, '/livez')).status, 200)
    const { body } = await probe(port)
    assert.deepEqual(JSON.parse(body), {
      status: 'unavailable',
      phase: 'ready',
      holds: [],
      checks: { db: { state: 'failing', critical: true }, cache: { state: 'failing', critical: false } }
    })
    good = true
    assert.equal((await probe(port)).status, 200)
    assert.deepEqual(events, ['db ok', 'cache failing', 'db failing', 'db ok'])
    assert.deepEqual(
      coded('LIFECYCLE_CHECK').map(({ level, msg }) => [level, msg]),
      [
        [40, "check 'cache' fails; it is not critical"],
        [40, "check 'db' fails"],
        [30, "check 'db' has recovered"]
      ]
    )
  })

  test('shows why it fails only where that is asked for', async (t) => {
    const { port } = await listening(t, {
      health: { details: 'errors' },
      checks: { db: () => Promise.reject(new Error('no route to host')), cache: () => true }
    })
    const { checks } = JSON.parse((await probe(port)).body)
    assert.equal(checks.db.error, 'no route to host')
    assert.deepEqual(checks.cache, { state: 'ok', critical: true })
  })

  test('may be added from any plugin', async (t) => {
    const app = await makeApp(t)
    await app.register(async (child) => {
      child.lifecycle.addCheck('queue', () => false).addCheck('other', () => true)
    })
    await app.ready()
    assert.equal((await app.inject('/readyz')).statusCode, 503)
  })

  test('that hangs is answered for within its time, and never twice at once', async (t) => {
    let runs = 0
    const { port } = await listening(t, {
      checks: {
        db: {
          timeout: 200,
          ttl: 60_000,
          check: () => {
            runs++
            return new Promise(() => {})
          }
        }
      }
    })
    const answers = await Promise.all(Array.from({ length: 50 }, () => probe(port)))
    assert.deepEqual([...new Set(answers.map(({ status }) => status))], [503])
    assert.equal(runs, 1)
  })

  test('of 200 ms runs once for a thousand probes at once, and each is answered', async (t) => {
    let runs = 0
    const { port } = await listening(t, {
      checks: {
        db: async () => {
          runs++
          await new Promise((resolve) => setTimeout(resolve, 200))
        }
      }
    })
    const begin = performance.now()
    const answers = await Promise.all(Array.from({ length: 1_000 }, () => probe(port)))
    t.diagnostic(`1 000 probes were answered within ${Math.round(performance.now() - begin)} ms`)
    assert.deepEqual([...new Set(answers.map(({ status }) => status))], [200])
    // On a machine so busy that its result is too old by then, the last ones may ask again.
    assert.ok(runs <= 1 + (performance.now() - begin) / 1_200, `${runs} runs`)
  })

  test('of the live probe counts until the shutdown begins: nothing must cut the drain', async (t) => {
    let runs = 0
    const check = () => ++runs < 0
    const { app, port } = await listening(t, { checks: { heap: { probe: 'live', ttl: 0, check } } })
    assert.equal((await probe(port, '/livez')).status, 503)
    const held = latch()
    app.onShutdown('held', { phase: 'draining', timeout: 60_000 }, () => held.opened)
    const closed = app.close()
    await phaseOf(app, 'draining')
    assert.equal((await probe(port, '/livez')).status, 200)
    assert.equal(runs, 1)
    held.open()
    await closed
  })
})

describe('a hold', () => {
  test('keeps the app unready until it is released; several at once; also with using', async (t) => {
    const { app, port } = await listening(t, { health: { details: true } })
    const release = app.lifecycle.hold('warm-up')
    {
      using _maintenance = app.lifecycle.hold('maintenance')
      const { status, body } = await probe(port)
      assert.deepEqual([status, JSON.parse(body).holds], [503, ['warm-up', 'maintenance']])
    }
    assert.deepEqual(JSON.parse((await probe(port)).body).holds, ['warm-up'])
    assert.equal(app.lifecycle.ready, false)
    release()
    release()
    assert.equal((await probe(port)).status, 200)
  })

  test('needs a name', async (t) => {
    const app = await makeApp(t)
    assert.throws(() => app.lifecycle.hold(''), { code: 'FST_LIFECYCLE_OPTION_INVALID', message: /'hold'/ })
  })
})

describe('the startup probe', () => {
  test('is good once the app is ready and its checks were, and stays good', async (t) => {
    let migrated = false
    const app = await makeApp(t, {
      health: { startup: '/startz' },
      checks: { migrations: { probe: 'startup', ttl: 0, check: () => migrated } }
    })
    assert.equal((await app.inject('/startz')).statusCode, 503)
    await app.listen(here)
    assert.equal((await probe(portOf(app), '/startz')).status, 503)
    assert.equal((await probe(portOf(app))).status, 200)
    migrated = true
    assert.equal((await probe(portOf(app), '/startz')).status, 200)
    migrated = false
    assert.equal((await probe(portOf(app), '/startz')).status, 200)
  })
})

describe('the probes', () => {
  test('are answered before any hook of the app', async (t) => {
    const app = await makeApp(t)
    app.addHook('onRequest', async (_request, reply) => reply.code(401).send('who are you?'))
    await app.listen(here)
    for (const path of ['/livez', '/readyz', '/readyz?verbose', '/readyz?'])
      assert.equal((await probe(portOf(app), path)).status, 200)
    assert.equal((await probe(portOf(app), '/')).status, 401)
    assert.equal((await request(portOf(app), '/livez', { method: 'POST' })).status, 401)
  })

  test('are a word for those who want text', async (t) => {
    const { app, port } = await listening(t)
    const { body, headers } = await probe(port, '/readyz', { accept: 'text/plain' })
    assert.deepEqual([body, headers['content-type']], ['ok', 'text/plain; charset=utf-8'])
    assert.equal((await app.inject({ url: '/readyz', headers: { accept: 'text/plain' } })).body, 'ok')
    const json = await probe(port, '/readyz', { accept: 'application/json, text/plain' })
    assert.equal(json.headers['content-type'], 'application/json; charset=utf-8')
  })

  test('are logged at the level that was asked for', async (t) => {
    const { port, lines } = await listening(t, { health: { logLevel: 'info' } })
    await probe(port)
    assert.ok(lines.some(({ msg }) => msg === "probe 'ready' answered with 200"))
    const silent = await listening(t)
    await probe(silent.port)
    assert.ok(!silent.lines.some(({ msg }) => msg.includes('probe')))
  })
})

describe('a port of their own', () => {
  /** Where the probes listen. */
  const addressOf = (coded: (code: string) => Line[]) =>
    Number(new URL(coded('LIFECYCLE_PROBES')[0]?.address as string).port)

  test('answers from the registration to the end of the closing hooks, and the app does not', async (t) => {
    const { app, port, coded } = await listening(t, { health: { port: 0, host: '127.0.0.1' } })
    const own = addressOf(coded)
    assert.equal((await probe(port)).status, 404)
    assert.equal((await probe(own)).status, 200)
    assert.equal((await probe(own, '/nowhere')).status, 404)
    let seen: number[] = []
    app.onShutdown('last', async () => {
      seen = [(await probe(own)).status, (await probe(own, '/livez')).status]
    })
    await app.close()
    assert.deepEqual(seen, [503, 200])
    await assert.rejects(probe(own), { code: 'ECONNREFUSED' })
  })

  test('is closed, too, where another app keeps the process', async (t) => {
    const other = await makeApp(t, { exit: false })
    const options = { exit: true, hardKill: false, health: { port: 0, host: '127.0.0.1' } } as const
    const { app, coded } = await listening(t, options)
    const own = addressOf(coded)
    assert.equal((await probe(own)).status, 200)
    await Promise.all([app.lifecycle.shutdown(), other.lifecycle.shutdown()])
    await assert.rejects(probe(own), { code: 'ECONNREFUSED' })
  })

  test('may leave the app its routes, and listens on IPv6 too', async (t) => {
    const { port, coded } = await listening(t, { health: { port: 0, host: '::1', routes: true } })
    const address = coded('LIFECYCLE_PROBES')[0]?.address as string
    assert.match(address, /^http:\/\/\[::1\]:\d+$/)
    assert.equal((await fetch(`${address}/readyz`)).status, 200)
    assert.equal((await probe(port)).status, 200)
  })

  test('that is taken is a coded error', async (t) => {
    const taken = createServer()
    await new Promise<void>((resolve) => taken.listen(here, resolve))
    cleanup(t, () => void taken.close())
    const { port } = taken.address() as { port: number }
    for (const host of ['127.0.0.1', undefined]) {
      const options = { signals: false, health: { port, ...(host && { host }) } } as const
      await assert.rejects(async () => Fastify().register(lifecycle, options), {
        code: 'FST_LIFECYCLE_PROBE_PORT',
        message:
          host === undefined ? /all addresses, port \d+: .*EADDRINUSE/ : /127.0.0.1, port \d+: .*EADDRINUSE/
      })
    }
  })
})

test('during the drain the probes say so, and are served', async (t) => {
  const app = await makeApp(t)
  await holdDrain(t, app)
  assert.deepEqual(JSON.parse((await probe(portOf(app))).body), { status: 'unavailable', phase: 'draining' })
})
