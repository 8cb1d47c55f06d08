import assert from 'node:assert/strict'
import http from 'node:http'
import { describe, type TestContext, test } from 'node:test'
import type { LifecycleOptions } from 'fastify-lifecycle'
import { deploymentFor } from 'fastify-lifecycle/deployment'
import type { FixtureHook } from '../fixtures/serve.ts'
import { type AppProcess, startApp } from '../support/app-process.ts'
import { request } from '../support/client.ts'
import { freePort } from '../support/free-port.ts'
import { startHAProxy } from '../support/haproxy.ts'
import { inTime, Late } from '../support/in-time.ts'
import { startNGINX } from '../support/nginx.ts'
import { needs } from '../support/proxy.ts'

// Two apps are restarted one after the other, each with the configuration in front of it that is made from its options.

const hosts = ['127.0.0.2', '127.0.0.3']

/** Elsewhere there is one loopback address only. */
const onLinux = (program: 'haproxy' | 'nginx') =>
  process.platform === 'linux'
    ? needs(program)
    : { skip: 'NOT CHECKED: only Linux has addresses enough on its loopback device' }

/** A hook that holds the lame duck open until the test says `release duck`. */
const holdDuck: FixtureHook = { name: 'duck', phase: 'lameDuck', does: 'hold' }

/** Each app has a host of its own and the same port, as on two machines. */
async function startTwo(t: TestContext, options: LifecycleOptions, hooks: readonly FixtureHook[] = []) {
  const port = await freePort()
  const start = (host: string) => startApp(t, { options, hooks, where: { host, port } })
  const apps = new Map<string, AppProcess>()
  for (const host of hosts) apps.set(host, await start(host))
  const appAt = (host: string) => apps.get(host) as AppProcess
  return {
    port,
    appAt,
    async restart(host: string) {
      const old = appAt(host)
      old.kill()
      assert.equal((await old.exited).code, 0)
      apps.set(host, await start(host))
    }
  }
}

/** GET and POST in turn, from eight clients, until it is told to stop; says what was not answered 200. */
function load(port: number, agent: http.Agent | false) {
  const failures: { method: string; status?: number; retryAfter?: unknown; error?: unknown }[] = []
  let answered = 0
  let isOver = false
  const get = { agent, method: 'GET' }
  const post = {
    agent,
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: '{"amount":1}'
  }
  const client = async () => {
    for (let count = 0; !isOver; count++) {
      const [path, setup] = count % 2 === 0 ? (['/', get] as const) : (['/echo', post] as const)
      try {
        const { status, headers } = await request(port, path, setup)
        if (status === 200) answered++
        else failures.push({ method: setup.method, status, retryAfter: headers['retry-after'] })
      } catch (error) {
        failures.push({ method: setup.method, error })
      }
      await new Promise((resolve) => setTimeout(resolve, 5))
    }
  }
  const clients = Promise.all(Array.from({ length: 8 }, client))
  return {
    /** Resolves when so many more were answered: the clients go on, whoever is there. */
    async more(count: number) {
      const enough = answered + count
      while (answered < enough) await new Promise((resolve) => setTimeout(resolve, 10))
    },
    async end() {
      isOver = true
      await clients
      return failures
    }
  }
}

describe('a rolling restart', () => {
  test(
    'behind the generated HAProxy loses nothing, though no request is tried twice',
    onLinux('haproxy'),
    async (t) => {
      // So that no app is taken for one that is going because it is short of time.
      const probe = { period: 200, timeout: 60_000, failures: 2 }
      const options = { deadline: 300_000, lameDuck: { max: 200_000, probes: probe.failures } }
      const { port, appAt, restart } = await startTwo(t, options, [holdDuck])
      const { haproxy } = deploymentFor(options, { port, hosts, probe })
      assert.deepEqual(haproxy.warnings, [])
      const balancer = await startHAProxy(t, haproxy.toText().replace('retries 3', 'retries 0'))
      const agent = new http.Agent({ keepAlive: true })
      const { more, end } = load(balancer.port, agent)

      for (const [index, host] of hosts.entries()) {
        const server = `app-${index + 1}`
        await balancer.sees(server, 'UP')
        // An app that has not been probed three times knows no prober to wait for.
        await new Promise((resolve) => setTimeout(resolve, 10 * probe.period))
        await more(300)
        const old = appAt(host)
        const restarted = restart(host)
        await balancer.sees(server, 'DOWN')
        // By then what it had sent on before is answered.
        await more(100)
        old.tell('release duck')
        await restarted
        assert.equal(old.report.lameDuck.ended, 'probes')
      }
      await more(100)
      assert.deepEqual(await end(), [])
      agent.destroy()
    }
  )

  test(
    'behind the generated nginx loses no GET, and a POST gets a 503 with Retry-After at worst',
    onLinux('nginx'),
    (t) =>
      inTime(t, async () => {
        const options = { lameDuck: 3_000 }
        const { port, appAt, restart } = await startTwo(t, options)
        const { nginx } = deploymentFor(options, { port, hosts })
        assert.deepEqual(nginx.warnings, [])
        const balancer = await startNGINX(t, nginx.toText())
        const agent = new http.Agent({ keepAlive: true })
        const { more, end } = load(balancer.port, agent)

        await more(100)
        // With no time in between: nginx has the first back in the lame duck of the second.
        const [first, second] = hosts as [string, string]
        await restart(first)
        const old = appAt(second)
        const restarted = restart(second)
        await old.phase('draining')
        const isBack = appAt(first).logs.some(({ msg }) => msg === 'incoming request')
        await restarted
        await more(100)
        const failures = await end()
        agent.destroy()
        if (!isBack && failures.length > 0) throw new Late('the first server, which nginx had left alone,')
        for (const { retryAfter, ...failure } of failures) {
          assert.deepEqual(failure, { method: 'POST', status: 503 })
          assert.match(String(retryAfter), /^\d$/)
        }
      })
  )

  test('behind an nginx that knows beforehand loses nothing', onLinux('nginx'), async (t) => {
    const options = { lameDuck: 2_000 }
    const { port, restart } = await startTwo(t, options)
    const text = deploymentFor(options, { port, hosts }).nginx.toText()
    const balancer = await startNGINX(t, text)
    // A connection for each request: nginx closes those that are kept alive when it takes a new configuration.
    const { more, end } = load(balancer.port, false)

    await more(100)
    for (const host of hosts) {
      const server = new RegExp(`server ${host}:.*(?=;)`)
      await balancer.reload(text.replace(server, '$& down'))
      await restart(host)
      await balancer.reload(text)
    }
    await more(100)
    assert.deepEqual(await end(), [])
  })
})
