import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TestContext } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { guard, runToEnd } from './children.ts'
import { freePort } from './free-port.ts'
import { aLongTime } from './in-time.ts'
import { compiled, type LogLine, source } from './program.ts'

const ecosystem = createRequire(import.meta.url)(source('examples/pm2/ecosystem.config.cjs'))

/** A PM2 with a daemon of its own, which ends with the test. */
export class PM2 {
  readonly #home = mkdtempSync(join(tmpdir(), 'pm2-'))

  constructor(t: TestContext) {
    t.after(async () => {
      await this.run('kill').catch(() => {})
      rmSync(this.#home, { recursive: true, maxRetries: 5 })
    })
  }

  async run(...args: string[]): Promise<string> {
    const env = { ...process.env, PM2_HOME: this.#home, KUBERNETES_SERVICE_HOST: undefined }
    const { code, stdout, stderr } = await runToEnd(
      process.execPath,
      [source('node_modules/pm2/bin/pm2'), ...args],
      { env }
    )
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
