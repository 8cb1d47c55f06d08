import cluster, { type Worker } from 'node:cluster'
import { constants } from 'node:os'
import { now } from '../../lib/time/clock.ts'
import { within } from '../../lib/time/within.ts'
import { deadlineOf, type Message, message, type News, type Order, wordOf } from './messages.ts'

/** The deadline of a worker that has not sent its own deadline yet, in ms: the default of the plugin. */
const usualDeadline = 9_000

/** How long after the deadline the primary waits, in ms, so that the worker's own watchdog acts first. */
const reserve = 1_000

/** If a worker ends before it has served for this time, that counts as a failed start; in ms. */
const firstSteps = 1_000

/** The exit code of a worker that was killed before it listened to orders. */
const byOrder = 128 + constants.signals.SIGTERM

/** A worker as its primary sees it. */
export class WorkerLife {
  /** Resolves with `true` when the worker is ready, and with `false` if it ends before. */
  readonly ready: Promise<boolean>
  /** Resolves with the worker's exit code, as a shell would give it. */
  readonly exited: Promise<number>
  /** Resolves when the worker leaves, for any reason. */
  readonly leaving: Promise<unknown>
  #readySince: number | undefined
  readonly #worker: Worker
  #deadline: number | undefined
  #order: Order | undefined

  constructor() {
    this.#worker = cluster.fork()
    this.exited = new Promise((resolve) => {
      this.#worker.once('exit', (code: number, signal: NodeJS.Signals | null) =>
        resolve(signal === null ? code : 128 + constants.signals[signal])
      )
      // Without a listener, this error would end the primary. A worker that could not be started emits
      // nothing else.
      this.#worker.on('error', () => {
        if (this.#worker.process.pid === undefined) resolve(1)
      })
    })
    const says = (word: News) => this.#says(word)
    void says('here').then((received) => {
      this.#deadline = deadlineOf(received) ?? usualDeadline
    })
    this.ready = Promise.race([says('ready').then(() => true), this.exited.then(() => false)])
    void this.ready.then((ready) => {
      if (ready) this.#readySince = now()
    })
    this.leaving = Promise.race([says('leaving'), this.exited])
  }

  get pid(): number {
    return this.#worker.process.pid as number
  }

  /** Whether the worker has become ready. */
  get isReady(): boolean {
    return this.#readySince !== undefined
  }

  /** Whether the worker has served for a while. */
  get hasServed(): boolean {
    return this.#readySince !== undefined && now() - this.#readySince > firstSteps
  }

  /** Whether the primary has sent the worker the order to end. */
  get isDismissed(): boolean {
    return this.#order !== undefined
  }

  /**
   * Tells the worker to end, and resolves with its exit code. If the worker's own watchdog does not end it, this
   * method does.
   */
  async dismiss(order: Order): Promise<number> {
    this.#order = order
    // A worker that does not accept orders yet has nothing to drain.
    if (this.#deadline === undefined) this.signal('SIGTERM')
    else if (this.#worker.isConnected()) this.#worker.send(message(order), () => {})
    const { outcome } = await within((this.#deadline ?? usualDeadline) + reserve, this.exited)
    if (outcome === 'timeout') this.signal('SIGKILL')
    const code = await this.exited
    return this.#deadline === undefined && code === byOrder ? 0 : code
  }

  signal(signal: NodeJS.Signals): void {
    this.#worker.process.kill(signal)
  }

  #says(word: News): Promise<Message<News>> {
    return new Promise((resolve) => {
      this.#worker.on('message', (received: Message<News>) => {
        if (wordOf(received) === word) resolve(received)
      })
    })
  }
}
