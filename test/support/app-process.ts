import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import type { Readable } from 'node:stream'
import type { TestContext } from 'node:test'
import { fileURLToPath } from 'node:url'
import type { Report } from 'fastify-lifecycle'
import type { FixtureSetup } from '../fixtures/serve.ts'

/** A line of the app's own log. */
export interface LogLine {
  readonly level: number
  readonly msg: string
  readonly code?: string
  readonly report?: Report
  readonly [key: string]: unknown
}

/** How a process ended, and when. */
export interface Exit {
  readonly code: number | null
  readonly signal: NodeJS.Signals | null
  readonly at: number
}

type Message = Readonly<Record<string, unknown>>

/** An app in a process of its own: told what to do, and asked how it is, over IPC. */
export class AppProcess {
  readonly #child: ChildProcess
  readonly messages: Message[] = []
  readonly exited: Promise<Exit>
  #output = ''
  #errors = ''
  #onMessage = new Set<() => void>()

  constructor(fixture: string, setup: FixtureSetup, env: NodeJS.ProcessEnv) {
    const path = fileURLToPath(new URL(`../fixtures/${fixture}.js`, import.meta.url))
    this.#child = fork(path, {
      // Not what the test runner was given: some of it writes a report into the folder on SIGUSR2.
      execArgv: [],
      env: { ...process.env, KUBERNETES_SERVICE_HOST: '', ...env, FIXTURE_SETUP: JSON.stringify(setup) },
      stdio: ['ignore', 'pipe', 'pipe', 'ipc']
    })
    this.#child.stdout?.on('data', (chunk) => {
      this.#output += chunk
    })
    this.#child.stderr?.on('data', (chunk) => {
      this.#errors += chunk
    })
    this.#child.on('message', (message: Message) => {
      this.messages.push(message)
      for (const check of [...this.#onMessage]) check()
    })
    const exit = once(this.#child, 'exit').then(() => performance.now())
    this.exited = once(this.#child, 'close').then(async ([code, signal]) => ({
      code,
      signal,
      at: await exit
    }))
  }

  /** The first message that has these fields, or the nth, now or later. Rejects if the process ends before. */
  async message(fields: Message, nth = 1): Promise<Message> {
    const matches = (message: Message) =>
      Object.entries(fields).every(([key, value]) => message[key] === value)
    return this.#when(() => this.messages.filter(matches)[nth - 1], JSON.stringify(fields))
  }

  /** The first message that says this, whatever it says of it. */
  async about(field: string): Promise<unknown> {
    const message = await this.#when(() => this.messages.find((each) => field in each), field)
    return message[field]
  }

  phase(phase: string): Promise<Message> {
    return this.message({ phase })
  }

  /** The addresses where the app listens, once it does. */
  async listening(): Promise<AddressInfo[]> {
    return (await this.about('listening')) as AddressInfo[]
  }

  /** Resolves once the app has logged a line with this code. */
  async logged(code: string): Promise<void> {
    await this.#heard('stdout', () => this.logs.some((line) => line.code === code))
  }

  /** Resolves once this stands on the app's stderr. */
  async complained(text: string): Promise<void> {
    await this.#heard('stderr', () => this.#errors.includes(text))
  }

  async #heard(stream: 'stdout' | 'stderr', isThere: () => boolean): Promise<void> {
    const exited = this.exited.then(() => true)
    while (!isThere()) {
      const more = once(this.#child[stream] as Readable, 'data').then(() => false)
      const isOver = await Promise.race([more, exited])
      if (isOver && !isThere()) throw new Error(`exited before:\n${this.#output}${this.#errors}`)
    }
  }

  tell(word: string): void {
    this.#child.send(word)
  }

  /** Sends the signal, and says when. */
  kill(signal: NodeJS.Signals = 'SIGTERM'): number {
    const at = performance.now()
    this.#child.kill(signal)
    return at
  }

  get pid(): number {
    return this.#child.pid as number
  }

  get logs(): LogLine[] {
    return this.#output
      .split('\n')
      .filter((line) => line.startsWith('{'))
      .map((line) => JSON.parse(line) as LogLine)
  }

  get stdout(): string {
    return this.#output
  }

  /** Nobody reads any more what the app writes. */
  closeOutput(): void {
    this.#child.stdout?.destroy()
    this.#child.stderr?.destroy()
  }

  get stderr(): string {
    return this.#errors
  }

  /** The report that the app logged last. */
  get report(): Report {
    const report = this.logs.at(-1)?.report
    if (report === undefined) throw new Error(`the last line is no report:\n${this.#output}${this.#errors}`)
    return report
  }

  #when(find: () => Message | undefined, what: string): Promise<Message> {
    return new Promise((resolve, reject) => {
      const check = () => {
        const found = find()
        if (found === undefined) return
        this.#onMessage.delete(check)
        resolve(found)
      }
      this.#onMessage.add(check)
      check()
      this.exited.then(({ code, signal }) => {
        reject(
          new Error(`exited with ${code ?? signal} and never said ${what}\n${this.#output}${this.#errors}`)
        )
      })
    })
  }
}

/** Starts a fixture, waits until it listens, and ends it with the test, whatever happens. */
export async function startApp(
  t: TestContext,
  setup: FixtureSetup = {},
  { fixture = 'app', env = {} }: { fixture?: string; env?: NodeJS.ProcessEnv } = {}
): Promise<AppProcess & { port: number }> {
  const app = new AppProcess(fixture, setup, env)
  t.after(() => app.kill('SIGKILL'))
  const [address] = await app.listening()
  return Object.assign(app, { port: (address as AddressInfo).port })
}
