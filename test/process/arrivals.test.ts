import assert from 'node:assert/strict'
import http from 'node:http'
import { networkInterfaces } from 'node:os'
import { test } from 'node:test'
import { startApp } from '../support/app-process.ts'
import { request } from '../support/client.ts'
import { startHAProxy } from '../support/haproxy.ts'
import { needs } from '../support/proxy.ts'

/** An address of this machine that is not its loopback: what comes from there counts. */
const host = Object.values(networkInterfaces())
  .flat()
  .find((address) => address?.family === 'IPv4' && !address.internal)?.address

const withNetwork =
  host === undefined ? { skip: 'NOT CHECKED: this machine has no address but its loopback' } : {}

test(
  'the report says who still sent requests, and until when, and the last line what follows',
  withNetwork,
  async (t) => {
    const options = { lameDuck: 1_000, log: { report: 'full' } } as const
    const app = await startApp(t, {
      ...{ options, where: { host: '0.0.0.0', port: 0 } },
      hooks: [{ name: 'drain', phase: 'draining', does: 'hold' }]
    })
    const agent = new http.Agent({ keepAlive: true })
    t.after(() => agent.destroy())
    const ask = (from: string | undefined, path = '/', on: http.Agent | false = false) =>
      request(app.port, path, { host: String(from), agent: on })
    await ask(host, '/', agent)
    app.kill('SIGTERM')
    await app.phase('lameDuck')
    assert.equal((await ask(host, '/', agent)).status, 200)
    assert.equal((await ask(host)).status, 200)
    assert.equal((await ask(host, '/readyz')).status, 503)
    assert.equal((await ask('127.0.0.1')).status, 200)
    await app.phase('draining')
    assert.equal((await ask(host)).status, 503)
    // So long that the app knows that nobody sends any more.
    await new Promise((resolve) => setTimeout(resolve, 500))
    app.tell('release drain')
    assert.equal((await app.exited).code, 0)
    const { arrivals, summary } = app.report
    assert.ok(arrivals)
    const { count, afterDrain, onNew, onKept, addresses, others, last } = arrivals
    assert.deepEqual([count, afterDrain, onNew, onKept, others], [3, 1, 2, 1, 0])
    assert.deepEqual(
      addresses.map(({ address, count }) => [address, count]),
      [[host, 3]]
    )
    const draining = app.report.phases.find(({ phase }) => phase === 'draining')
    assert.ok(last >= Number(draining?.at))
    assert.match(summary, /; requests arrived until .*: `lameDuck` was \d+ ms too short; exit code 0$/)
  }
)

/** It has no health checks of its own: only the test tells when requests stop. */
const backend = (ports: readonly number[]) =>
  [
    'backend apps',
    '  mode http',
    '  balance roundrobin',
    '  retries 0',
    ...ports.map((port, index) => `  server app${index} ${host}:${port}`)
  ].join('\n')

test('its figures are those of the log of a real HAProxy', {
  ...withNetwork,
  ...needs('haproxy')
}, async (t) => {
  const options = { log: { report: 'full' } } as const
  const where = { host: '0.0.0.0', port: 0 }
  const [leaving, staying] = await Promise.all([
    startApp(t, {
      ...{ options, where },
      hooks: [
        { name: 'duck', phase: 'lameDuck', does: 'hold' },
        { name: 'drain', phase: 'draining', does: 'hold' }
      ]
    }),
    startApp(t, { where })
  ])
  const balancer = await startHAProxy(t, backend([leaving.port, staying.port]), '', 'each request')
  const agent = new http.Agent({ keepAlive: true })
  t.after(() => agent.destroy())
  // Half on kept connections, half on new ones; each client waits for its answer.
  const ask = async (path: string, count: number) => {
    const client = async (on: http.Agent | false) => {
      for (let sent = 0; sent < count; sent++) await request(balancer.port, path, { agent: on })
    }
    await Promise.all([client(agent), client(false), client(agent), client(false)])
  }
  await ask('/', 20)
  leaving.kill('SIGTERM')
  await leaving.phase('lameDuck')
  await ask('/?late', 20)
  leaving.tell('release duck')
  await leaving.phase('draining')
  await ask('/?late', 10)
  leaving.tell('release drain')
  assert.equal((await leaving.exited).code, 0)

  const given = (await balancer.given('/?late', 4 * 30)).filter(({ server }) => server === 'app0')
  const { arrivals, startedAt } = leaving.report
  assert.ok(arrivals)
  assert.equal(arrivals.count, given.length)
  assert.equal(arrivals.afterDrain, given.filter(({ status }) => status === 503).length)
  assert.deepEqual(
    arrivals.addresses.map(({ address, count }) => [address, count]),
    [[host, given.length]]
  )
  // HAProxy has read the last one before the app has, and its answer is over after that. Both round to 1 ms.
  const at = Date.parse(startedAt) + arrivals.last
  const [began, ended] = [given.map((each) => each.began), given.map((each) => each.ended)].map((times) =>
    Math.max(...times)
  ) as [number, number]
  assert.ok(at >= began - 2 && at <= ended + 2, `${at} is not between ${began} and ${ended}`)
})
