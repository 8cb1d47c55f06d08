import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import type { TestContext } from 'node:test'
import type { Report } from 'fastify-lifecycle'

/** A line of an example's log. */
export interface LogLine {
  readonly level: number
  readonly msg: string
  readonly code?: string
  readonly phase?: string
  readonly report?: Report
}

/** An example in a process of its own, and what it logs. */
export class ExampleProcess {
  readonly #child: ChildProcess
  readonly lines: LogLine[] = []
  readonly exited: Promise<number | null>
  #wake = () => {}

  constructor(t: TestContext, program: string, env: NodeJS.ProcessEnv = {}) {
    this.#child = spawn(process.execPath, [program], {
      env: { ...process.env, KUBERNETES_SERVICE_HOST: '', ...env },
      stdio: ['ignore', 'pipe', 'inherit']
    })
    t.after(() => this.#child.kill('SIGKILL'))
    const output = createInterface({ input: this.#child.stdout as NodeJS.ReadableStream })
    output.on('line', (line) => {
      this.lines.push(JSON.parse(line))
      this.#wake()
    })
    this.exited = Promise.all([once(this.#child, 'exit'), once(output, 'close')]).then(([[code]]) => {
      this.#wake()
      return code as number | null
    })
  }

  /** The first line like this, now or later. */
  async line(matches: (line: LogLine) => boolean): Promise<LogLine> {
    for (;;) {
      const found = this.lines.find(matches)
      if (found !== undefined) return found
      if (this.#child.exitCode !== null) throw new Error(`it has ended: ${JSON.stringify(this.lines.at(-1))}`)
      await new Promise<void>((resolve) => {
        this.#wake = resolve
      })
    }
  }

  /** Where it listens, once it does. */
  async address(): Promise<string> {
    const { msg } = await this.line((line) => line.msg.startsWith('Server listening at '))
    return msg.replace('Server listening at ', '')
  }

  phase(phase: string): Promise<LogLine> {
    return this.line((line) => line.code === 'LIFECYCLE_PHASE' && line.phase === phase)
  }

  /** What it reported, once it has ended. */
  get report(): Report {
    const report = this.lines.at(-1)?.report
    if (report === undefined) throw new Error('its last line is not the report')
    return report
  }

  kill(signal: NodeJS.Signals = 'SIGTERM'): void {
    this.#child.kill(signal)
  }
}
