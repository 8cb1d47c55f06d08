import assert from 'node:assert/strict'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, type TestContext, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { guard, killGroup, runToEnd, startNode } from '../support/children.ts'
import { request } from '../support/client.ts'
import { freePort } from '../support/free-port.ts'
import { aLongTime } from '../support/in-time.ts'
import { Load } from '../support/load.ts'
import { compiled, type LogLine, source, withSignals } from '../support/program.ts'

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
    const { code, stdout, stderr } = await runToEnd(source('node_modules/.bin/pm2'), args, { env })
    if (code !== 0) throw new Error(`pm2 ${args.join(' ')} ended with ${code}:\n${stdout}${stderr}`)
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
      env: {
        PORT: String(port),
        WARM: 'yes',
        LIFECYCLE_OPTIONS: JSON.stringify({ deadline: aLongTime })
      },
      // So that PM2 neither kills a worker nor goes on without it, because the machine is slow.
      kill_timeout: 2 * aLongTime,
      listen_timeout: aLongTime,
      ...settings
    }
    const config = join(this.#home, 'ecosystem.config.json')
    writeFileSync(config, JSON.stringify({ apps: [app] }))
    await this.run('start', config)
    guard(this.daemon)
    return port
  }

  get daemon(): number {
    return Number(readFileSync(join(this.#home, 'pm2.pid'), 'utf8'))
  }

  get logs(): LogLine[] {
    const lines = readFileSync(join(this.#home, 'out.log'), 'utf8').split('\n').slice(0, -1)
    return lines.filter((line) => line.startsWith('{')).map((line) => JSON.parse(line))
  }

  /** Resolves with the worker that has logged this, once one has; files tell nobody that they have changed. */
  async logged(text: string): Promise<number> {
    for (;;) {
      const line = this.logs.find(({ msg }) => msg.includes(text))
      if (line !== undefined) return line['pid'] as number
      await sleep(20)
    }
  }

  /** The last lines of so many processes, once they are there. */
  async lastLines(count: number): Promise<LogLine[]> {
    for (;;) {
      const lines = this.logs.filter(({ code }) => code === 'LIFECYCLE_REPORT')
      if (lines.length >= count) return lines
      await sleep(20)
    }
  }
}

describe('PM2', withSignals, () => {
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
    const lines = await pm2.lastLines(2)
    assert.deepEqual(
      lines.map(({ exitCode, signal }) => [exitCode, signal]),
      Array(2).fill([0, 'SIGINT'])
    )
    assert.ok(pm2.logs.every(({ level }) => level === 30))
  })

  test('stops with its message where it is told to, and the shutdown is the same', async (t) => {
    const pm2 = new PM2(t)
    const port = await pm2.start('test/fixtures/platforms/service', {
      shutdown_with_message: true,
      instances: 1
    })
    const held = request(port, '/held')
    const worker = await pm2.logged('arrived at')
    const stopped = pm2.run('stop', 'orders')
    await pm2.logged('draining')
    process.kill(worker, 'SIGUSR2')
    await stopped
    assert.equal((await held).status, 200)
    const [{ exitCode, report }] = (await pm2.lastLines(1)) as [LogLine]
    assert.equal(exitCode, 0)
    assert.deepEqual(report?.reason, { type: 'shutdown', message: 'pm2' })
  })

  test('can be killed, and a worker still answers what is in flight', async (t) => {
    const pm2 = new PM2(t)
    // PM2's own metrics end a worker whose daemon is gone.
    const port = await pm2.start('test/fixtures/platforms/service', { pmx: false, instances: 1 })
    const held = request(port, '/held')
    const worker = await pm2.logged('arrived at')
    process.kill(pm2.daemon, 'SIGKILL')
    await pm2.logged('draining')
    process.kill(worker, 'SIGUSR2')
    assert.equal((await held).status, 200)
    const [{ exitCode, report }] = (await pm2.lastLines(1)) as [LogLine]
    assert.equal(exitCode, 0)
    assert.deepEqual(report?.reason, { type: 'shutdown', message: 'the primary is gone' })
  })

  test('in fork mode receives `ready` when nothing holds it off any more', async (t) => {
    const port = await freePort()
    const env = { ...process.env, PORT: String(port), pm_id: '0', kill_timeout: '10000' }
    const child = startNode(compiled('test/fixtures/platforms/service'), [], {
      env,
      stdio: ['ignore', 'pipe', 'inherit', 'ipc']
    })
    t.after(() => killGroup(child))
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
