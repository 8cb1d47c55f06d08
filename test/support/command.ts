import { type ChildProcess, spawn } from 'node:child_process'
import { EventEmitter, once } from 'node:events'
import type { Readable } from 'node:stream'
import type { TestContext } from 'node:test'
import { fileURLToPath } from 'node:url'
import type { Report } from 'fastify-lifecycle'
import type { LogLine } from './app-process.ts'

/** A command as one would type it: what it writes is read, and it ends with the test, whatever happens. */
export class Command {
  readonly #child: ChildProcess
  readonly exited: Promise<{ readonly code: number | null; readonly signal: NodeJS.Signals | null }>
  output = ''
  readonly #written = new EventEmitter()
  #hasEnded = false

  constructor(t: TestContext, command: string, args: readonly string[], env: NodeJS.ProcessEnv = {}) {
    this.#child = spawn(command, args, {
      env: { ...process.env, KUBERNETES_SERVICE_HOST: undefined, ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
      // A process group of its own, as a shell makes one for each command.
      detached: true
    })
    for (const stream of [this.#child.stdout, this.#child.stderr] as Readable[]) {
      stream.on('data', (chunk) => {
        this.output += chunk
        this.#written.emit('more')
      })
    }
    this.exited = once(this.#child, 'close').then(([code, signal]) => {
      this.#hasEnded = true
      return { code, signal }
    })
    t.after(() => {
      if (this.isAlive()) process.kill(-this.pid, 'SIGKILL')
      return this.exited
    })
  }

  get pid(): number {
    return this.#child.pid as number
  }

  kill(signal: NodeJS.Signals): void {
    process.kill(this.pid, signal)
  }

  /** As a terminal does with Ctrl-C: all processes of the group. */
  killGroup(signal: NodeJS.Signals): void {
    process.kill(-this.pid, signal)
  }

  /** What was logged so far, by all processes that write to this command's output. */
  get logs(): LogLine[] {
    const lines = this.output.split('\n').slice(0, -1)
    return lines.filter((line) => line.startsWith('{')).map((line) => JSON.parse(line) as LogLine)
  }

  get reports(): Report[] {
    return this.logs.flatMap(({ report }) => report ?? [])
  }

  /** Resolves with the first line that matches, or the nth, now or later. */
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

  /** Resolves once this was written so many times, as a line of a log or not. */
  async wrote(text: string, times = 1): Promise<void> {
    while (this.output.split(text).length <= times) await this.#more(text)
  }

  async #more(what: string): Promise<void> {
    if (this.#hasEnded) throw new Error(`ended, and never wrote ${what}:\n${this.output}`)
    await Promise.race([once(this.#written, 'more'), this.exited])
  }

  isAlive(): boolean {
    try {
      process.kill(-this.pid, 0)
      return true
    } catch {
      return false
    }
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
