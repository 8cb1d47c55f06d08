import assert from 'node:assert/strict'
import http from 'node:http'
import { networkInterfaces } from 'node:os'
import { test } from 'node:test'
import { startApp } from '../support/app-process.ts'
import { request } from '../support/client.ts'

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
