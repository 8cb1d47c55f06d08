import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'

/** How a child ended, and when. */
export interface Exit {
  readonly code: number | null
  readonly signal: NodeJS.Signals | null
  readonly at: number
}

/** A child process, which never outlives this one. */
export class Child<Message> {
  readonly #file: string
  readonly #process: ChildProcess
  readonly #exit: Promise<Exit>
  /** Resolves when it has exited, and all it said and wrote is here. */
  readonly exited: Promise<Exit>
  output = ''

  constructor(file: string, args: readonly string[], onMessage: (message: Message) => void) {
    this.#file = file
    const path = fileURLToPath(new URL(file, import.meta.url))
    this.#process = fork(path, args, { stdio: ['ignore', 'pipe', 'inherit', 'ipc'] })
    this.#process.on('message', onMessage)
    this.#process.stdout?.setEncoding('utf8').on('data', (text: string) => {
      this.output += text
    })
    const closed = once(this.#process, 'close')
    this.#exit = once(this.#process, 'exit').then(([code, signal]) => ({
      code,
      signal,
      at: performance.now()
    }))
    this.exited = closed.then(() => this.#exit)
    process.once('exit', () => this.#process.kill('SIGKILL'))
  }

  /** The first message of this kind. Rejects if the process exits before it comes. */
  first<Wanted extends Message>(isWanted: (message: Message) => message is Wanted): Promise<Wanted> {
    return new Promise((resolve, reject) => {
      this.#process.on('message', (message: Message) => {
        if (isWanted(message)) resolve(message)
      })
      this.exited.then(({ code, signal }) => {
        reject(new Error(`${this.#file} exited with ${code ?? signal} before its time`))
      })
    })
  }

  /** Sends the signal, and says when. */
  kill(signal: NodeJS.Signals): number {
    const at = performance.now()
    this.#process.kill(signal)
    return at
  }

  tell(word: string): void {
    if (this.#process.connected) this.#process.send(word)
  }
}
