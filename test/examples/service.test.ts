import assert from 'node:assert/strict'
import { once } from 'node:events'
import { describe, type TestContext, test } from 'node:test'
import pg from 'pg'
import WebSocket from 'ws'
import { inRoot } from '../docs/pages.ts'
import { inTime, Late } from '../support/in-time.ts'
import { Program } from '../support/program.ts'

const program = inRoot('build/examples/service/main.js')
const databaseUrl = process.env['DATABASE_URL'] ?? 'postgres://postgres:postgres@127.0.0.1:5432/postgres'
const schema = `service_${process.pid}`

/** The rows of the service's table, or nothing where no database can be reached. */
async function withDatabase<Result>(
  use: (client: pg.Client) => Promise<Result>
): Promise<Result | undefined> {
  const client = new pg.Client({ connectionString: databaseUrl, connectionTimeoutMillis: 30_000 })
  client.on('error', () => {})
  try {
    await client.connect()
  } catch {
    return undefined
  }
  try {
    return await use(client)
  } finally {
    await client.end()
  }
}

const origin = 'http://shop.example'

/** Asks as a page of another origin does. */
function ask(address: string, path: string, token?: string, body?: object): Promise<Response> {
  return fetch(address + path, {
    headers: {
      origin,
      ...(token !== undefined && { authorization: `Bearer ${token}` }),
      ...(body !== undefined && { 'content-type': 'application/json' })
    },
    ...(body !== undefined && { method: 'POST', body: JSON.stringify(body) })
  })
}

/** Uses everything that the service has, and signals it in the middle of that. */
async function useAndStop(t: TestContext, lameDuck: number, env: NodeJS.ProcessEnv) {
  const given = { PORT: '0', LAME_DUCK: String(lameDuck), ...env }
  const service = new Program(t, process.execPath, [program], given)
  const address = await service.address()
  const session = await ask(address, '/session', undefined, { name: 'Ada' })
  const { token } = (await session.json()) as { token: string }

  assert.equal((await ask(address, '/orders')).status, 401)
  assert.equal((await ask(address, '/orders', token, { item: 'tea', quantity: 0 })).status, 400)

  const socket = new WebSocket(`${address.replace('http', 'ws')}/news`)
  const closed = once(socket, 'close')
  const told: string[] = []
  socket.on('message', (text) => told.push(String(text)))
  await once(socket, 'open')
  const events = await fetch(`${address}/news/events`, { headers: { accept: 'text/event-stream' } })

  const answers = await Promise.all(
    [1, 2, 3].map((quantity) => ask(address, '/orders', token, { item: 'tea', quantity }))
  )
  const before = {
    ready: (await ask(address, '/readyz')).status,
    openapi: Object.keys(((await (await ask(address, '/openapi.json')).json()) as { paths: object }).paths)
  }
  service.kill()
  await service.phase('lameDuck')
  const [ready, orders, late] = await Promise.all([
    ask(address, '/readyz'),
    ask(address, '/orders', token),
    ask(address, '/orders', token, { item: 'coffee', quantity: 1 })
  ])
  const { logs } = service
  if (logs.some((line) => line['phase'] === 'draining')) throw new Late('what was asked in the lame duck')
  await service.phase('draining')
  const refused = await ask(address, '/orders', token).catch(() => undefined)
  const [[code], stream, exit] = await Promise.all([closed, events.text(), service.exited])
  return {
    service,
    answers,
    before,
    during: [ready, orders, late],
    refused,
    told,
    code,
    stream,
    exitCode: exit.code
  }
}

function assertStopped(run: Awaited<ReturnType<typeof useAndStop>>): void {
  const { service, answers, before, during, refused, told, code, stream, exitCode } = run
  assert.deepEqual(
    answers.map(({ status }) => status),
    [201, 201, 201]
  )
  assert.equal(answers[0]?.headers.get('access-control-allow-origin'), origin)
  assert.equal(before.ready, 200)
  assert.ok(before.openapi.includes('/readyz') && before.openapi.includes('/orders'), String(before.openapi))
  assert.deepEqual(
    during.map(({ status }) => status),
    [503, 200, 201]
  )
  // The drain is short, so that it may be over before the request comes.
  if (refused !== undefined) {
    assert.equal(refused.status, 503)
    assert.equal(refused.headers.get('access-control-allow-origin'), origin)
  }
  assert.ok(told.includes('3 × tea'), String(told))
  assert.equal(code, 1012)
  assert.match(stream, /welcome.*3 × tea/s)
  assert.equal(exitCode, 0)
  const hooks = service.logs.filter(({ code }) => code === 'LIFECYCLE_HOOK')
  assert.deepEqual(
    hooks.map(({ hook, outcome }) => [hook, outcome]),
    [
      ['preClose defaultPreClose', 'ok'],
      ['database', 'ok']
    ]
  )
  const last = service.logs.at(-1)
  assert.deepEqual([last?.['outcome'], last?.['cut']], ['clean', 0])
  const confirmed = service.logs.filter(({ msg }) => msg === 'confirmed').length
  assert.equal(confirmed, 4, 'every order that was answered 201 is confirmed, also the one in the lame duck')
  assert.ok(service.logs.some(({ msg }) => msg.startsWith('the prices are not looked for')))
}

/** Half of the deadline at most, so that the rest can end. */
const lameDuck = (times: number) => Math.min(times * 1_000, 4_500)

describe('the service', () => {
  test('stops each thing in its place, and keeps every order, with a real PostgreSQL', async (t) => {
    if ((await withDatabase(async () => true)) === undefined) {
      if (process.env['CI'] !== undefined && process.platform === 'linux')
        throw new Error('there is no PostgreSQL: start one, or name it in DATABASE_URL')
      t.skip('NOT CHECKED: there is no PostgreSQL on this machine; DATABASE_URL names another one')
      return
    }
    const drop = () => withDatabase((client) => client.query(`DROP SCHEMA IF EXISTS ${schema} CASCADE`))
    t.after(drop)
    await inTime(t, async (times) => {
      await drop()
      assertStopped(
        await useAndStop(t, lameDuck(times), { DATABASE_URL: databaseUrl, SERVICE_SCHEMA: schema })
      )
    })
    const rows = await withDatabase((client) => client.query(`SELECT confirmed FROM ${schema}.orders`))
    assert.deepEqual(rows?.rows, Array(4).fill({ confirmed: true }))
  })

  test('lives on when an idle connection to the database breaks', async (t) => {
    // The test before says what is missing.
    if ((await withDatabase(async () => true)) === undefined)
      return t.skip('NOT CHECKED: there is no PostgreSQL')
    const PGAPPNAME = `${schema}_breaks`
    t.after(() => withDatabase((client) => client.query(`DROP SCHEMA IF EXISTS ${PGAPPNAME} CASCADE`)))
    const env = { PORT: '0', DATABASE_URL: databaseUrl, SERVICE_SCHEMA: PGAPPNAME, PGAPPNAME }
    const service = new Program(t, process.execPath, [program], env)
    const address = await service.address()
    const end = 'SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = $1'
    await withDatabase((client) => client.query(end, [PGAPPNAME]))
    await service.said('an idle connection to the database broke')
    assert.equal((await ask(address, '/readyz')).status, 200)
    service.kill()
    assert.deepEqual(await service.exited, { code: 0, signal: null })
  })

  test('does the same without a database, and says loudly that nothing is kept', async (t) => {
    await inTime(t, async (times) => {
      const run = await useAndStop(t, lameDuck(times), { DATABASE_URL: undefined })
      assertStopped(run)
      assert.ok(run.service.logs.some(({ level, msg }) => level === 40 && msg.startsWith('NO DATABASE')))
    })
  })
})
