import type { ChildProcess } from 'node:child_process'
import { EventEmitter, once } from 'node:events'
import type { Readable } from 'node:stream'
import type { TestContext } from 'node:test'
import { fileURLToPath } from 'node:url'
import type { Report } from 'fastify-lifecycle'
import { killGroup, startChild } from './children.ts'
import { cleanup } from './cleanup.ts'

/** A line of the app's own log. */
export interface LogLine {
  readonly level: number
  readonly msg: string
  readonly code?: string
  readonly report?: Report
  readonly [key: string]: unknown
}

/** How a process ended. */
export interface End {
  readonly code: number | null
  readonly signal: NodeJS.Signals | null
}

/** A program as a user starts it: it is known by what it writes. It ends with the test, with all that it started. */
export class Program {
  readonly #child: ChildProcess
  /** Resolves when it has ended, and nobody can write to its output any more. */
  readonly exited: Promise<End>
  /** What it wrote to stdout and stderr. */
  output = ''
  readonly #written = new EventEmitter()
  #hasEnded = false

  /** With `'ipc'` it can be sent messages. */
  constructor(
    t: TestContext,
    command: string,
    args: readonly string[],
    env: NodeJS.ProcessEnv = {},
    ...channel: 'ipc'[]
  ) {
    this.#child = startChild(command, args, {
      env: { ...process.env, KUBERNETES_SERVICE_HOST: undefined, NODE_TEST_CONTEXT: undefined, ...env },
      stdio: ['ignore', 'pipe', 'pipe', ...channel]
    })
    for (const stream of [this.#child.stdout, this.#child.stderr] as Readable[]) {
      stream.setEncoding('utf8').on('data', (chunk) => {
        this.output += chunk
        this.#written.emit('more')
      })
    }
    this.exited = once(this.#child, 'close').then(([code, signal]) => {
      this.#hasEnded = true
      return { code, signal }
    })
    cleanup(t, () => {
      killGroup(this.#child)
      return this.exited
    })
  }

  get pid(): number {
    return this.#child.pid as number
  }

  kill(signal: NodeJS.Signals = 'SIGTERM'): void {
    this.#child.kill(signal)
  }

  tell(message: string): void {
    this.#child.send(message)
  }

  /** As a terminal does with Ctrl-C: all processes of the group. */
  killGroup(signal: NodeJS.Signals): void {
    killGroup(this.#child, signal)
  }

  /** Resolves with the match once it has written it. */
  async prints(what: RegExp): Promise<RegExpExecArray> {
    for (;;) {
      const found = what.exec(this.output)
      if (found !== null) return found
      await this.#more(String(what))
    }
  }

  /** Resolves once this was written so many times, as a line of a log or not. */
  async wrote(text: string, times = 1): Promise<void> {
    while (this.output.split(text).length <= times) await this.#more(text)
  }

  /** Resolves with the first line of the log that matches, or the nth, now or later. */
  async logged(matches: (line: LogLine) => boolean, nth = 1): Promise<LogLine> {
    for (;;) {
      const line = this.logs.filter(matches)[nth - 1]
      if (line !== undefined) return line
      await this.#more(String(matches))
    }
  }

  said(text: string, nth = 1): Promise<LogLine> {
    return this.logged(({ msg }) => msg.includes(text), nth)
  }

  phase(phase: string): Promise<LogLine> {
    return this.logged((line) => line.code === 'LIFECYCLE_PHASE' && line['phase'] === phase)
  }

  /** Where the log of a Fastify says that it listens. */
  async address(): Promise<string> {
    return (await this.prints(/Server listening at (http:\/\/[^":]+:\d+)/))[1] as string
  }

  /** The port that the log of a Fastify says it listens on. */
  async listens(): Promise<number> {
    return Number(new URL(await this.address()).port)
  }

  /** What was logged so far, by all processes that write to this program's output. */
  get logs(): LogLine[] {
    const lines = this.output.split('\n').slice(0, -1)
    return lines.filter((line) => line.startsWith('{')).map((line) => JSON.parse(line) as LogLine)
  }

  get reports(): Report[] {
    return this.logs.flatMap(({ report }) => report ?? [])
  }

  /** The report that is the last line of the log. */
  get report(): Report {
    const report = this.logs.at(-1)?.report
    if (report === undefined) throw new Error(`the last line is no report:\n${this.output}`)
    return report
  }

  /** The lines that are no log of Fastify's. */
  get lines(): string[] {
    return this.output.split('\n').filter((line) => line !== '' && !line.startsWith('{'))
  }

  async #more(what: string): Promise<void> {
    if (this.#hasEnded) throw new Error(`it ended, and never wrote ${what}:\n${this.output}`)
    await Promise.race([once(this.#written, 'more'), this.exited])
  }
}

/** Where there are no signals and no process groups, what is done with them cannot be tested. */
export const withSignals: { readonly skip?: string } =
  process.platform === 'win32' ? { skip: 'NOT CHECKED: there are no such signals on Windows' } : {}

/** A file of the compiled project. */
export function compiled(path: string): string {
  return fileURLToPath(new URL(`../../${path}.js`, import.meta.url))
}

/** A file of the project itself. */
export function source(path: string): string {
  return fileURLToPath(new URL(`../../../${path}`, import.meta.url))
}
