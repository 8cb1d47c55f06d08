import assert from 'node:assert/strict'
import { describe, type TestContext, test } from 'node:test'
import type { LifecycleOptions } from 'fastify-lifecycle'
import { Pool } from 'undici'
import { writtenPages } from '../docs/pages.ts'
import { samplesIn } from '../docs/samples.ts'
import { startApp } from '../support/app-process.ts'
import { hasProxy, type ProxyName, startProxy } from '../support/proxy.ts'

const isCI = process.env['CI'] !== undefined

/** What the page of the proxy shows, as it stands there. */
function configurationOf(proxy: ProxyName): { text: string; options: LifecycleOptions } {
  const page = writtenPages().find(({ path }) => path === `docs/platforms/${proxy}.md`)
  const { shown } = (page && samplesIn(page)[0]) ?? assert.fail(`no page of ${proxy}`)
  const text = /```text\n(.*?)```/s.exec(shown)?.[1] as string
  const options = [...shown.matchAll(/(deadline|lameDuck): ([\d_]+)/g)].map(
    ([, name, ms]) => [name, Number(ms?.replaceAll('_', ''))] as const
  )
  return { text, options: Object.fromEntries(options) }
}

/** Ends one of two servers behind the proxy, under load. */
async function endOneOfTwo(t: TestContext, proxy: ProxyName) {
  const { text, options } = configurationOf(proxy)
  assert.ok(options.deadline, 'the page shows the options')
  const [leaving, staying] = await Promise.all([startApp(t, { options }), startApp(t, { options })])
  const addresses = [leaving.port, staying.port].map((port) => `127.0.0.1:${port}`)
  const configuration = text.replace(/10\.0\.0\.[78]:3000/g, () => addresses.shift() as string)
  assert.equal(addresses.length, 0)
  const pool = new Pool(`http://127.0.0.1:${await startProxy(t, proxy, configuration)}`, { connections: 8 })
  const failures: unknown[] = []
  let answered = 0
  let isOver = false
  const clients = Array.from({ length: 8 }, async () => {
    while (!isOver) {
      const answer = await pool.request({ method: 'GET', path: '/' }).catch((error) => error)
      await answer.body?.dump()
      if (answer.statusCode === 200) answered++
      else failures.push(answer.statusCode ?? answer)
      // Far from what the machine can do: what counts is that some are always under way.
      await new Promise((resolve) => setTimeout(resolve, 2))
    }
  })
  while (answered < 200) await new Promise((resolve) => setTimeout(resolve, 10))
  leaving.kill()
  const { code } = await leaving.exited
  const after = answered + 200
  while (answered < after) await new Promise((resolve) => setTimeout(resolve, 10))
  isOver = true
  await Promise.all(clients)
  await pool.close()
  t.diagnostic(`${answered} answered, ${failures.length} failed, ${leaving.report.requests.rejected} sent on`)
  return { code, failures, rejected: leaving.report.requests.rejected }
}

for (const proxy of ['haproxy', 'nginx'] as const) {
  const present = hasProxy(proxy)
  if (!present && isCI && process.platform === 'linux') throw new Error(`there is no ${proxy}: install it`)
  const where = present ? {} : { skip: `NOT CHECKED: there is no ${proxy} on this machine` }

  describe(`a real ${proxy}, with the configuration that its page shows`, where, () => {
    test('loses no request when one of two servers ends', async (t) => {
      const { code, failures } = await endOneOfTwo(t, proxy)
      assert.equal(code, 0)
      assert.deepEqual(failures, [])
    })
  })
}
