import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import type { Readable } from 'node:stream'
import type { TestContext } from 'node:test'
import { cleanup } from './cleanup.ts'

/** A program as a user starts it: it is known by what it prints. Ended with the test, whatever happens. */
export class Program {
  readonly #child: ChildProcess
  readonly ended: Promise<{ code: number | null; signal: NodeJS.Signals | null }>
  output = ''

  constructor(t: TestContext, command: string, args: readonly string[], env: NodeJS.ProcessEnv = {}) {
    this.#child = spawn(command, args, {
      env: { ...process.env, KUBERNETES_SERVICE_HOST: '', NODE_TEST_CONTEXT: undefined, ...env },
      stdio: ['ignore', 'pipe', 'pipe']
    })
    for (const stream of [this.#child.stdout, this.#child.stderr]) {
      stream?.setEncoding('utf8').on('data', (chunk) => {
        this.output += chunk
      })
    }
    this.ended = once(this.#child, 'close').then(([code, signal]) => ({ code, signal }))
    cleanup(t, () => this.kill('SIGKILL'))
  }

  /** Resolves with the match once it has printed it. */
  async prints(what: RegExp): Promise<RegExpExecArray> {
    const over = this.ended.then(() => true)
    for (;;) {
      const found = what.exec(this.output)
      if (found !== null) return found
      const isOver = await Promise.race([
        once(this.#child.stdout as Readable, 'data').then(() => false),
        over
      ])
      if (isOver && !what.test(this.output))
        throw new Error(`It ended, and never printed ${what}:\n${this.output}`)
    }
  }

  /** The port that a Fastify logger says it listens on. */
  async port(): Promise<number> {
    return Number((await this.prints(/Server listening at http:\/\/[^:]+:(\d+)/))[1])
  }

  kill(signal: NodeJS.Signals = 'SIGTERM'): void {
    this.#child.kill(signal)
  }

  get pid(): number {
    return this.#child.pid as number
  }

  /** The lines that are no log of Fastify's. */
  get lines(): string[] {
    return this.output.split('\n').filter((line) => line !== '' && !line.startsWith('{'))
  }
}
