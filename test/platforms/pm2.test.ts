import assert from 'node:assert/strict'
import { execFile, fork } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, type TestContext, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { promisify } from 'node:util'
import type { Report } from 'fastify-lifecycle'
import type { LogLine } from '../support/app-process.ts'
import { request } from '../support/client.ts'
import { compiled, source, withSignals } from '../support/command.ts'
import { freePort } from '../support/free-port.ts'
import { Load } from '../support/load.ts'

const ecosystem = createRequire(import.meta.url)(source('examples/pm2/ecosystem.config.cjs'))

/** A PM2 with a daemon of its own, which ends with the test. */
class PM2 {
  readonly #home = mkdtempSync(join(tmpdir(), 'pm2-'))

  constructor(t: TestContext) {
    t.after(async () => {
      await this.run('kill').catch(() => {})
      rmSync(this.#home, { recursive: true, maxRetries: 5 })
    })
  }

  async run(...args: string[]): Promise<string> {
    const env = { ...process.env, PM2_HOME: this.#home, KUBERNETES_SERVICE_HOST: undefined }
    const { stdout } = await promisify(execFile)(source('node_modules/.bin/pm2'), args, { env })
    return stdout
  }

  /** Starts two workers, and returns the port that they share. */
  async start(file: string, settings: object = {}): Promise<number> {
    const port = await freePort()
    const app = {
      ...ecosystem.apps[0],
      script: compiled(file),
      merge_logs: true,
      out_file: join(this.#home, 'out.log'),
      error_file: join(this.#home, 'error.log'),
      env: { PORT: String(port), WARM: 'yes' },
      ...settings
    }
    const config = join(this.#home, 'ecosystem.config.json')
    writeFileSync(config, JSON.stringify({ apps: [app] }))
    await this.run('start', config)
    return port
  }

  get daemon(): number {
    return Number(readFileSync(join(this.#home, 'pm2.pid'), 'utf8'))
  }

  get logs(): LogLine[] {
    const lines = readFileSync(join(this.#home, 'out.log'), 'utf8').split('\n').slice(0, -1)
    return lines.filter((line) => line.startsWith('{')).map((line) => JSON.parse(line))
  }

  async logged(text: string): Promise<void> {
    while (!this.logs.some(({ msg }) => msg.includes(text))) await sleep(20)
  }

  /** The reports, once there are so many; files tell nobody that they have changed. */
  async reports(count: number): Promise<Report[]> {
    for (;;) {
      const reports = this.logs.flatMap(({ report }) => report ?? [])
      if (reports.length >= count) return reports
      await sleep(20)
    }
  }
}

describe('PM2', { ...withSignals, concurrency: 4, timeout: 120_000 }, () => {
  test('reloads a cluster under load, and no request is lost', async (t) => {
    const pm2 = new PM2(t)
    const port = await pm2.start('examples/pm2/server')
    const load = new Load(port)
    await load.more(200)
    await pm2.run('reload', 'orders')
    await load.more(200)
    const { answered, failures } = await load.stop()
    t.diagnostic(`${answered} answered, ${failures.length} lost`)
    assert.deepEqual(failures, [])
    const reports = await pm2.reports(2)
    assert.deepEqual(
      reports.map(({ exitCode, reason }) => [exitCode, reason]),
      Array(2).fill([0, { type: 'signal', signal: 'SIGINT' }])
    )
    assert.ok(pm2.logs.every(({ level }) => level === 30))
  })

  test('stops with its message where it is told to, and the shutdown is the same', async (t) => {
    const pm2 = new PM2(t)
    const port = await pm2.start('test/fixtures/platforms/service', {
      shutdown_with_message: true,
      instances: 1
    })
    const slow = request(port, '/slow/800')
    await pm2.logged('arrived at')
    await pm2.run('stop', 'orders')
    assert.equal((await slow).status, 200)
    const [report] = await pm2.reports(1)
    assert.equal(report?.exitCode, 0)
    assert.deepEqual(report?.reason, { type: 'shutdown', message: 'pm2' })
  })

  test('can be killed, and a worker still answers what is in flight', async (t) => {
    const pm2 = new PM2(t)
    // PM2's own metrics end a worker whose daemon is gone.
    const port = await pm2.start('test/fixtures/platforms/service', { pmx: false, instances: 1 })
    const slow = request(port, '/slow/800')
    await pm2.logged('arrived at')
    process.kill(pm2.daemon, 'SIGKILL')
    assert.equal((await slow).status, 200)
    const [report] = await pm2.reports(1)
    assert.equal(report?.exitCode, 0)
    assert.deepEqual(report?.reason, { type: 'shutdown', message: 'the primary is gone' })
  })

  test('in fork mode is told that the app is ready when nothing holds it off any more', async (t) => {
    const port = await freePort()
    const env = { ...process.env, PORT: String(port), pm_id: '0', kill_timeout: '10000' }
    const child = fork(compiled('test/fixtures/platforms/service'), {
      env,
      stdio: ['ignore', 'pipe', 'inherit', 'ipc']
    })
    t.after(() => child.kill('SIGKILL'))
    const messages: unknown[] = []
    child.on('message', (message) => messages.push(message))
    await once(child.stdout as NodeJS.ReadableStream, 'data')
    assert.equal((await request(port, '/readyz')).status, 503)
    assert.deepEqual(messages, [])
    await Promise.all([once(child, 'message'), request(port, '/release')])
    assert.deepEqual(messages, ['ready'])
    child.send('something else')
    child.send('shutdown')
    assert.deepEqual(await once(child, 'exit'), [0, null])
  })
})
