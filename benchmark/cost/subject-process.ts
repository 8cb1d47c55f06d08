import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { monotonic } from '../../lib/time/clock.ts'
import { method } from '../method.ts'

type Message = Readonly<Record<string, unknown>>

/** What a start took, in ms. */
export interface Took {
  /** To load the subject's module and its packages. */
  readonly load: number
  /** To set it up on the app. */
  readonly attach: number
}

/** For how long the event loop was blocked at most, and what CPU time the process used at most without a turn of it, in ms. */
export interface Blocked {
  readonly time: number
  readonly cpuTime: number
}

/** How a subject's process ended. */
export interface Ended {
  readonly code: number | null
  readonly signal: NodeJS.Signals | null
  /** On the monotonic clock, in ms. */
  readonly at: number
  /** What it said of its loop, if it was asked to watch it and could still say it. */
  readonly blocked: Blocked | undefined
}

// The subjects are run where they are, beside the packages that they need.
const app = new URL('../../../benchmark/subjects/app/', import.meta.url)
const serve = fileURLToPath(new URL('serve.js', app))

/** For those that are to count their timers. */
export const countTimers: readonly string[] = ['--import', new URL('count-timers.js', app).href]

/** One subject in a process of its own. */
export class SubjectProcess {
  readonly ended: Promise<Ended>
  readonly #child: ChildProcess
  readonly #messages: Message[] = []
  #errors = ''

  static async start(
    name: string,
    setup: object = {},
    flags: readonly string[] = []
  ): Promise<SubjectProcess> {
    const subject = new SubjectProcess(name, setup, flags)
    await subject.#says('listening')
    return subject
  }

  private constructor(name: string, setup: object, flags: readonly string[]) {
    const env = { ...process.env, KUBERNETES_SERVICE_HOST: '', NODE_OPTIONS: '' }
    this.#child = fork(serve, [name, JSON.stringify(setup)], {
      env,
      execArgv: [...method.nodeOptions, ...flags],
      stdio: ['ignore', 'ignore', 'pipe', 'ipc']
    })
    this.#child.stderr?.on('data', (chunk) => {
      this.#errors += chunk
    })
    this.#child.on('message', (message: Message) => this.#messages.push(message))
    this.ended = this.#ending()
  }

  get port(): number {
    return this.#listening.port
  }

  get took(): Took {
    return this.#listening.took
  }

  /** Has it do something, one thing at a time; resolves with what it answers. */
  async ask<Answer>(call: string, what: object = {}): Promise<Answer> {
    const before = this.#messages.length
    this.tell(call, what)
    const { value } = await this.#says('called', before)
    return value as Answer
  }

  /** The same without waiting for the answer. */
  tell(call: string, what: object = {}): void {
    this.#child.send({ call, ...what }, () => {})
  }

  /** Sends the signal, and says when. */
  kill(signal: NodeJS.Signals): number {
    const at = monotonic()
    this.#child.kill(signal)
    return at
  }

  async destroy(): Promise<void> {
    this.kill('SIGKILL')
    await this.ended
  }

  get #listening(): { port: number; took: Took } {
    return this.#messages.find((message) => 'listening' in message)?.['listening'] as {
      port: number
      took: Took
    }
  }

  async #ending(): Promise<Ended> {
    // What it said last comes before the end of the channel, but maybe after that of the process.
    const silent = once(this.#child, 'disconnect')
    const [code, signal] = await once(this.#child, 'exit')
    const at = monotonic()
    await silent
    const last = this.#messages.find((message) => 'blocked' in message)
    return { code, signal, at, blocked: last?.['blocked'] as Blocked | undefined }
  }

  /** The first message from the nth on that says this, now or later. */
  #says(field: string, from = 0): Promise<Message> {
    return new Promise((resolve, reject) => {
      const look = () => {
        const found = this.#messages.slice(from).find((message) => field in message)
        if (found === undefined) return
        this.#child.off('message', look)
        resolve(found)
      }
      this.#child.on('message', look)
      void this.ended.then(({ code, signal }) =>
        reject(new Error(`it ended with ${code ?? signal}\n${this.#errors}`))
      )
      look()
    })
  }
}
