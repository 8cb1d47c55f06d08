import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import Fastify, { type FastifyInstance } from 'fastify'
import lifecycle from '../../../index.ts'
import { ProbePaths, routerOf } from '../../../lib/health/probe-paths.ts'
import { healthOf } from '../../../lib/health/settings.ts'
import { cleanup } from '../../support/cleanup.ts'
import { Wire } from '../../support/client.ts'
import { routedBy } from '../../support/fastify-options.ts'
import { portOf } from '../../support/in-process.ts'
import fc from '../../support/properties.ts'

const paths = { live: '/livez', ready: '/Health/readyz', startup: '/start/' } as const

/** Settings of Fastify's router. */
const routers = fc.record({
  ignoreTrailingSlash: fc.boolean(),
  ignoreDuplicateSlashes: fc.boolean(),
  caseSensitive: fc.boolean(),
  useSemicolonDelimiter: fc.boolean()
})

/** Another way to write a character in a URL. */
const spellings = fc.constantFrom<(character: string) => string>(
  (character) => character,
  (character) => character,
  (character) => character,
  (character) => character,
  (character) => (/\w/.test(character) ? `%${character.charCodeAt(0).toString(16)}` : character),
  (character) => character.toUpperCase(),
  (character) => (character === '/' ? '//' : character),
  (character) => (character === '/' ? '%2f' : character)
)

/** A URL that may be one of a probe, in some spelling. */
const urls = fc
  .record({
    path: fc.constantFrom<string>(...Object.values(paths), '/other', '/'),
    spelling: fc.array(spellings, { minLength: 8, maxLength: 8 }),
    origin: fc.constantFrom('', '', '', '', 'http://host', 'HTTP://user@host:80', 'ftp://host', 'x'),
    end: fc.constantFrom('', '', '', '', '/', '//', '?a', '#a', ';a', '/?a', '%3fa', '%', '%zz', '%25')
  })
  .map(({ path, spelling, origin, end }) => {
    const spelled = [...path].map((character, index) => spelling[index % 8]?.(character))
    return `${origin}${spelled.join('')}${end}`
  })

/** The route that Fastify's own router takes for a URL, without the plugin. */
async function routeOf(app: FastifyInstance, url: string): Promise<string> {
  const socketless = { raw: { req: { url } } }
  const { payload } = await app.inject({
    method: 'GET',
    url: '/',
    headers: { 'x-url': socketless.raw.req.url }
  })
  return payload
}

describe('a spelling of a probe that the router takes', () => {
  test('is the probe, however the router is set', async () => {
    let found = 0
    await fc.assert(
      fc.asyncProperty(routers, urls, async (router, url) => {
        // What the header says is what the router is given.
        const app = Fastify({
          ...routedBy(router),
          rewriteUrl: ({ headers }) => String(headers['x-url'])
        })
        for (const path of Object.values(paths)) app.get(path, async () => `probe ${path}`)
        const taken = await routeOf(app, url)
        const probes = new ProbePaths(healthOf(paths), routerOf(app))
        if (!taken.startsWith('probe ')) return
        found++
        assert.equal(`probe ${paths[probes.of(url) ?? 'live']}`, taken, url)
        assert.notEqual(probes.of(url), undefined, url)
      }),
      { numRuns: 200 }
    )
    assert.ok(found > 20, `${found} were a probe's`)
  })

  test('is answered before any hook', async (t) => {
    const app = Fastify(
      routedBy({ ignoreTrailingSlash: true, ignoreDuplicateSlashes: true, caseSensitive: false })
    )
    cleanup(t, () => app.close())
    await app.register(lifecycle, { signals: false, exit: false })
    app.addHook('onRequest', async (_request, reply) => reply.code(401).send('who are you?'))
    await app.listen({ port: 0, host: '127.0.0.1' })
    for (const url of [
      '/LIVEZ',
      '/livez/',
      '//livez',
      '/live%7a',
      'http://host/livez',
      '/livez#x',
      '/readyz/?x'
    ]) {
      const wire = new Wire(portOf(app))
      wire.send(`GET ${url} HTTP/1.1\nHost: x\nConnection: close\n\n`)
      await wire.ended
      assert.match(wire.received, /^HTTP\/1.1 200 /, url)
    }
  })
})

test('a URL that the app rewrites to a probe meets the hooks, and so is no probe', async (t) => {
  const app = Fastify({ rewriteUrl: ({ url }) => String(url).replace('/api', '') })
  cleanup(t, () => app.close())
  await app.register(lifecycle, { signals: false, exit: false })
  await app.listen({ port: 0, host: '127.0.0.1' })
  const statusOf = async (path: string) => (await fetch(`http://127.0.0.1:${portOf(app)}${path}`)).status
  assert.deepEqual([await statusOf('/api/livez'), await statusOf('/livez')], [404, 200])
  assert.equal((await app.inject('/api/livez')).statusCode, 200)
})

test('a request that no server of the app has got is answered as its route, and does not end the lame duck', async (t) => {
  const { createServer } = await import('node:http')
  const app = Fastify()
  cleanup(t, () => app.close())
  await app.register(lifecycle, { signals: false, exit: false })
  await app.ready()
  const other = createServer((request, response) => app.routing(request, response))
  cleanup(t, () => void other.close())
  await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve))
  const { port } = other.address() as { port: number }
  const { status } = await fetch(`http://127.0.0.1:${port}/readyz`, { headers: { connection: 'close' } })
  assert.equal(status, 200)
})

describe('a path that could never be answered, or would catch others, is a coded error:', () => {
  // biome-ignore format: a list
  const bad = ['', 'livez', '*', '/*', '/:x', '/live:z', '/livez?', '/livez?x', '/livez#x', '/livez;x', '/live%7a', '/lívez',
    '/live z', '//livez', '/a//b', '/./livez', '/../livez', '/a/..', '/a/.', '/livez\n', '/live\\z', '/"', `/${'x'.repeat(1_000)}`]
  for (const path of bad) {
    test(JSON.stringify(path.slice(0, 20)), () => {
      for (const probe of ['live', 'ready', 'startup']) {
        assert.throws(() => healthOf({ [probe]: path }), {
          code: 'FST_LIFECYCLE_OPTION_INVALID',
          message: /health\./
        })
      }
    })
  }

  test('and others are taken as they are', () => {
    for (const live of [
      '/',
      '/livez/',
      '/.well-known/live',
      '/a/b..c/...',
      "/~x!$&'()+,=@-_",
      `/${'x'.repeat(999)}`
    ]) {
      assert.equal(healthOf({ live }).live, live)
    }
  })
})

describe('two probes on one path', () => {
  test('are a coded error, also where only the router takes them for one', async () => {
    const health = { live: '/health', ready: '/Health/' }
    const app = Fastify(routedBy({ caseSensitive: false, ignoreTrailingSlash: true }))
    await assert.rejects(async () => app.register(lifecycle, { signals: false, health }), {
      code: 'FST_LIFECYCLE_PROBE_DUPLICATE',
      message: /'health.live' and 'health.ready' are both '\/Health\/'/
    })
    await app.close()
    await Fastify().register(lifecycle, { signals: false, exit: false, health }).close()
  })
})

test('a URL that cannot be decoded is no probe', () => {
  const probes = new ProbePaths(healthOf({}), {})
  assert.deepEqual(
    ['/livez', '/%6civez', '/livez%', '/%zz'].map((url) => probes.of(url)),
    ['live', 'live', undefined, undefined]
  )
})

describe('a route that a probe would shadow is a coded error', () => {
  const routes: readonly [what: string, add: (app: FastifyInstance) => void, clashes: boolean][] = [
    ['the very path', (app) => app.get('/livez', async () => ''), true],
    ['for every method', (app) => app.all('/readyz', async () => ''), true],
    ['for HEAD alone', (app) => app.head('/livez', async () => ''), true],
    [
      'of one host',
      (app) => app.get('/livez', { constraints: { host: 'a (GET) {x}.test' } }, async () => ''),
      true
    ],
    [
      'of one version',
      (app) => app.get('/readyz', { constraints: { version: '1.0.0' } }, async () => ''),
      true
    ],
    ['in another spelling', (app) => app.get('/LIVEZ/', async () => ''), true],
    [
      'in a plugin',
      (app) => void app.register(async (child) => child.get('/z', async () => ''), { prefix: '/live' }),
      false
    ],
    [
      'in a plugin with a prefix',
      (app) => void app.register(async (child) => child.get('/', async () => ''), { prefix: '/livez' }),
      true
    ],
    ['for POST', (app) => app.post('/livez', async () => ''), false],
    ['a parameter', (app) => app.get('/:probe', async () => ''), false],
    ['a wildcard', (app) => app.get('/*', async () => ''), false],
    ['beside one without a slash', (app) => app.get('*', async () => '').get('/livez', async () => ''), true],
    ['below it', (app) => app.get('/livez/more', async () => ''), false]
  ]
  for (const [what, add, clashes] of routes) {
    for (const isFirst of [true, false]) {
      test(`${what}, ${isFirst ? 'before' : 'after'} the plugin${clashes ? '' : ': none'}`, async () => {
        const app = Fastify(routedBy({ caseSensitive: false, ignoreTrailingSlash: true }))
        const boot = async () => {
          if (isFirst) add(app)
          await app.register(lifecycle, { signals: false, exit: false })
          if (!isFirst) add(app)
          await app.ready()
        }
        if (clashes)
          await assert.rejects(boot(), { code: 'FST_LIFECYCLE_PROBE_CLASH', message: /health\.(live|ready)/ })
        else await boot()
        await app.close().catch(() => {})
      })
    }
  }
})
