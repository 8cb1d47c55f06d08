import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { binaryOf, type Node } from '../nodes.ts'

const script = fileURLToPath(new URL('../../../benchmark/subjects/app/serve.js', import.meta.url))

/** How a process ended. */
export interface Exit {
  readonly code: number | null
  readonly signal: NodeJS.Signals | null
  readonly at: number
}

interface Listening {
  readonly port: number
  readonly ports: readonly number[]
  readonly logFile?: string
  readonly probes: { readonly port: number; readonly ready: string; readonly live: string }
}

type Message = Readonly<Record<string, unknown>>

/** A subject in a process of its own, in the middle of a scenario. */
export class Running {
  readonly #child: ChildProcess
  readonly #messages: Message[] = []
  #errors = ''
  readonly #afterwards: (() => void)[] = []
  readonly exited: Promise<Exit>
  /** Resolves with the time at which the shutdown was begun, once it is. */
  readonly begun: Promise<number>
  #begin: (at: number) => void = () => {}
  #listening: Listening | undefined

  /** Starts it, and waits until it listens. */
  static async start(subject: string, setup: object, node: Node): Promise<Running> {
    const running = new Running(subject, setup, node)
    const { listening } = await running.#said((message) => 'listening' in message)
    running.#listening = listening as Listening
    return running
  }

  private constructor(subject: string, setup: object, node: Node) {
    this.#child = fork(script, [subject, JSON.stringify(setup)], {
      execPath: binaryOf(node),
      // Nobody reads what the subjects write on a terminal but when they fail; the platform is always the same.
      stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
      env: { ...process.env, KUBERNETES_SERVICE_HOST: '', NODE_OPTIONS: '' }
    })
    this.#child.stderr?.on('data', (chunk) => {
      this.#errors = `${this.#errors}${chunk}`.slice(-2_000)
    })
    this.#child.on('message', (message: Message) => this.#messages.push(message))
    // What it is asked too late it does not hear.
    this.#child.on('error', () => {})
    this.exited = once(this.#child, 'exit').then(([code, signal]) => ({
      code,
      signal,
      at: performance.now()
    }))
    this.begun = new Promise((resolve) => {
      this.#begin = resolve
    })
  }

  get port(): number {
    return this.#where.port
  }

  get ports(): readonly number[] {
    return this.#where.ports
  }

  get probes(): Listening['probes'] {
    return this.#where.probes
  }

  /** Where it logs to, with `log` in its setup. */
  get logFile(): string {
    return this.#where.logFile as string
  }

  /** How many shutdown hooks have begun. */
  get hooks(): number {
    return this.#messages.filter((message) => 'cleanup' in message).length
  }

  /** Whether it has said this; with `before`, whether it did so before it said that. */
  hasSaid(field: string, before?: string): boolean {
    const saying = (name: string) => this.#messages.findIndex((message) => name in message)
    const [first, second] = [saying(field), before === undefined ? -1 : saying(before)]
    return first >= 0 && (second < 0 || first < second)
  }

  /** Resolves when so many requests for this have reached their handler. */
  async arrived(url: string, times = 1): Promise<void> {
    await this.#said(() => this.#messages.filter((message) => message['arrived'] === url).length >= times)
  }

  /** Sends a signal. The first begins the shutdown. */
  signal(signal: NodeJS.Signals = 'SIGTERM'): void {
    this.#begin(performance.now())
    this.#child.kill(signal)
  }

  /** The shutdown is begun by something that the app does: see subjects/app/calls.js. */
  begin(call: string): void {
    this.#begin(performance.now())
    this.call(call)
  }

  call(call: string): void {
    if (this.#child.connected) this.#child.send({ call })
  }

  /** Resolves when the process has turned its event loop once, so that it knows of what came before. */
  async turned(call = 'cpu'): Promise<void> {
    this.call(call)
    await this.#said((message) => message['called'] === call)
  }

  /** Done when the process is gone, so that until then a client stays as it is. */
  afterwards(done: () => void): void {
    this.#afterwards.push(done)
  }

  /** Ends the process, if it still lives, and all that was left for then. */
  async end(): Promise<void> {
    this.#child.kill('SIGKILL')
    await this.exited
    for (const done of this.#afterwards.splice(0)) done()
  }

  get #where(): Listening {
    if (this.#listening === undefined) throw new Error('the subject does not listen yet')
    return this.#listening
  }

  async #said(matches: (message: Message) => boolean): Promise<Message> {
    for (;;) {
      const found = this.#messages.find(matches)
      if (found !== undefined) return found
      const ended = await Promise.race([once(this.#child, 'message').then(() => undefined), this.exited])
      if (ended !== undefined)
        throw new Error(
          `${this.#child.spawnargs.slice(-2).join(' ')} ended with ${ended.code ?? ended.signal} too soon\n${this.#errors}`
        )
    }
  }
}
