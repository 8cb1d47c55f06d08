import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import type { Readable } from 'node:stream'
import type { TestContext } from 'node:test'
import { fileURLToPath } from 'node:url'
import type { LifecycleOptions, Report } from 'fastify-lifecycle'
import type { FixtureSetup } from '../fixtures/serve.ts'
import { killGroup, startChild } from './children.ts'
import { aLongTime } from './in-time.ts'
import type { End, LogLine } from './program.ts'

/** How a process ended, and when. */
export interface Exit extends End {
  readonly at: number
}

/** So that nothing ends because the machine is slow, and every last line has the report; a test about these gives its own. */
const patient: LifecycleOptions = { deadline: aLongTime, hookTimeout: aLongTime, log: { report: 'full' } }

type Message = Readonly<Record<string, unknown>>

/** What runs the fixture, if not this very Node.js without any flag. */
export interface Runner {
  readonly execPath?: string
  readonly execArgv?: readonly string[]
  /** Where its stderr goes, if the test is not to read it. */
  readonly stderr?: 'pipe' | number
}

/** An app in a process of its own: told what to do, and asked how it is, over IPC. */
export class AppProcess {
  readonly #child: ChildProcess
  readonly messages: Message[] = []
  readonly exited: Promise<Exit>
  #output = ''
  #errors = ''
  #onMessage = new Set<() => void>()
  readonly #startedAt = performance.now()
  #bootTime: number | undefined

  constructor(fixture: string, setup: FixtureSetup, env: NodeJS.ProcessEnv, runner: Runner = {}) {
    const path = fileURLToPath(new URL(`../fixtures/${fixture}.js`, import.meta.url))
    const given = { ...setup, options: { ...patient, ...setup.options } }
    const { execPath = process.execPath, execArgv = [], stderr = 'pipe' } = runner
    this.#child = startChild(execPath, [...execArgv, path], {
      env: { ...process.env, KUBERNETES_SERVICE_HOST: '', ...env, FIXTURE_SETUP: JSON.stringify(given) },
      stdio: ['ignore', 'pipe', stderr, 'ipc']
    })
    this.#child.stdout?.on('data', (chunk) => {
      this.#output += chunk
    })
    this.#child.stderr?.on('data', (chunk) => {
      this.#errors += chunk
    })
    this.#child.on('message', (message: Message) => {
      this.messages.push(message)
      if ('listening' in message) this.#bootTime ??= performance.now() - this.#startedAt
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

  /** Resolves once the app has logged so many lines with this code. */
  async logged(code: string, count = 1): Promise<void> {
    await this.#heard('stdout', () => this.logs.filter((line) => line.code === code).length >= count)
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

  /** Ends it at once, with all that it has started. */
  end(): void {
    killGroup(this.#child)
  }

  /**
   * What is soon on this machine at this time, in ms: a few times what the same process took to start. Who waits for
   * clients or for timers takes longer.
   */
  get soon(): number {
    return Math.max(3_000, 6 * (this.#bootTime ?? 0))
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
      void this.exited.then(({ code, signal }) => {
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
  { fixture = 'app', env = {}, ...runner }: { fixture?: string; env?: NodeJS.ProcessEnv } & Runner = {}
): Promise<AppProcess & { port: number }> {
  const app = new AppProcess(fixture, setup, env, runner)
  t.after(() => app.end())
  const [address] = await app.listening()
  return Object.assign(app, { port: (address as AddressInfo).port })
}
