import assert from 'node:assert/strict'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, type TestContext, test } from 'node:test'
import type { LifecycleOptions } from 'fastify-lifecycle'
import { Pool } from 'undici'
import { writtenPages } from '../docs/pages.ts'
import { samplesIn } from '../docs/samples.ts'
import { startApp } from '../support/app-process.ts'
import { directoryFor, freePort, needs, startProxy } from '../support/proxy.ts'

type ProxyName = 'haproxy' | 'nginx'

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

/** Starts it with that part of its configuration, and what else it needs; returns where it listens. */
async function start(t: TestContext, proxy: ProxyName, part: string): Promise<number> {
  const port = await freePort()
  const directory = directoryFor(t, proxy)
  const file = join(directory, 'proxy.conf')
  writeFileSync(file, wholeConfiguration[proxy](part, port, directory))
  const parameters = proxy === 'haproxy' ? ['-db', '-f', file] : ['-p', directory, '-e', 'stderr', '-c', file]
  await startProxy(t, proxy, parameters, port)
  return port
}

const wholeConfiguration: Record<ProxyName, (part: string, port: number, directory: string) => string> = {
  haproxy: (part, port) =>
    [
      'defaults',
      '  timeout connect 2s',
      '  timeout client 10s',
      '  timeout server 10s',
      'frontend http',
      '  mode http',
      `  bind 127.0.0.1:${port}`,
      `  default_backend ${/^backend (\S+)/m.exec(part)?.[1]}`,
      part
    ].join('\n'),
  nginx: (part, port, directory) =>
    [
      'daemon off;',
      'worker_processes 1;',
      `pid ${directory}/nginx.pid;`,
      'events {}',
      'http {',
      '  access_log off;',
      ...['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map(
        (kind) => `  ${kind}_temp_path ${directory}/${kind};`
      ),
      part.replace('listen 80;', `listen 127.0.0.1:${port};`),
      '}',
      ''
    ].join('\n')
}

/** Ends one of two servers behind the proxy, under load. */
async function endOneOfTwo(t: TestContext, proxy: ProxyName) {
  const { text, options } = configurationOf(proxy)
  assert.ok(options.deadline, 'the page shows the options')
  const [leaving, staying] = await Promise.all([startApp(t, { options }), startApp(t, { options })])
  const addresses = [leaving.port, staying.port].map((port) => `127.0.0.1:${port}`)
  const configuration = text.replace(/10\.0\.0\.[78]:3000/g, () => addresses.shift() as string)
  assert.equal(addresses.length, 0)
  const pool = new Pool(`http://127.0.0.1:${await start(t, proxy, configuration)}`, { connections: 8 })
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
  describe(`a real ${proxy}, with the configuration that its page shows`, needs(proxy), () => {
    test('loses no request when one of two servers ends', async (t) => {
      const { code, failures } = await endOneOfTwo(t, proxy)
      assert.equal(code, 0)
      assert.deepEqual(failures, [])
    })
  })
}
