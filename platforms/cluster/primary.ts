import cluster from 'node:cluster'
import { availableParallelism } from 'node:os'
import { setTimeout as sleep } from 'node:timers/promises'
import { FST_LIFECYCLE_CLUSTER_NOT_PRIMARY, FST_LIFECYCLE_CLUSTER_NOT_READY } from '../../lib/errors.ts'
import { now } from '../../lib/time/clock.ts'
import { within } from '../../lib/time/within.ts'
import type { Complete } from '../../lib/validation/complete.ts'
import { invalid, milliseconds, onlyKeys, wholeNumber } from '../../lib/validation/validate.ts'
import { WorkerLife } from './worker-life.ts'

/** The options of `supervise`. All are optional. */
export interface ClusterOptions {
  /**
   * How many workers there are.
   *
   * @default the number of cores that the process may use
   * @example
   * ```ts
   * supervise({ workers: 4 })
   * ```
   */
  workers?: number | undefined

  /**
   * How long a new worker may take to be ready when it replaces an old worker, in ms. After that, the reload stops,
   * and the remaining old workers stay.
   *
   * @default 30000
   * @example
   * ```ts
   * supervise({ readyTimeout: 60_000 })
   * ```
   */
  readyTimeout?: number | undefined

  /**
   * Receives one line for each event.
   *
   * @default writes the line to stderr
   * @example
   * ```ts
   * supervise({ log: (line) => logger.info(line) })
   * ```
   */
  log?: ((line: string) => void) | undefined
}

/** The primary of a cluster. */
export interface Primary {
  /**
   * Replaces one worker after another: starts a new worker, waits until it is ready, and then lets the old worker
   * drain. Rejects with `FST_LIFECYCLE_CLUSTER_NOT_READY` if a new worker does not become ready.
   */
  reload(): Promise<void>
  /** Lets all workers drain, and resolves with the worst of their exit codes. Does not end the process. */
  stop(): Promise<number>
}

/** A signal that comes within this time after the last signal is a repetition, and is ignored; in ms. */
const oneKeystroke = 500

/**
 * If a worker ended soon after its start: how long to wait before it is replaced, in ms. The wait grows each
 * time.
 */
const firstPause = 100
const longestPause = 10_000

/**
 * Starts workers, and keeps them running: a worker that ends is replaced. SIGHUP replaces all workers, one after
 * another. At SIGTERM or SIGINT all workers drain, and the process exits with the worst of their exit codes. A second
 * SIGTERM changes nothing. A SIGINT that comes more than half a second after the last signal is passed on to the
 * workers.
 *
 * Throws `FST_LIFECYCLE_CLUSTER_NOT_PRIMARY` in a worker, and `FST_LIFECYCLE_OPTION_INVALID` or
 * `FST_LIFECYCLE_OPTION_UNKNOWN` for options that it cannot use.
 *
 * @example
 * ```ts
 * import cluster from 'node:cluster'
 * import { supervise } from 'fastify-lifecycle/cluster'
 *
 * if (cluster.isPrimary) supervise({ workers: 4 })
 * else await import('./server.js')
 * ```
 */
export function supervise(options: ClusterOptions = {}): Primary {
  if (!cluster.isPrimary) throw new FST_LIFECYCLE_CLUSTER_NOT_PRIMARY()
  const given = onlyKeys<ClusterOptions>('', options, ['workers', 'readyTimeout', 'log'])
  const { workers = availableParallelism(), readyTimeout = 30_000, log = toStderr } = given
  if (wholeNumber('workers', workers, 'workers') === 0) throw invalid('workers', 'at least 1', workers)
  if (typeof log !== 'function') throw invalid('log', 'a function', log)
  milliseconds('readyTimeout', readyTimeout)
  const primary = new Supervisor({ workers, readyTimeout, log })
  obeySignals(primary, log)
  return { reload: () => primary.reload(), stop: () => primary.stop() }
}

function toStderr(line: string): void {
  process.stderr.write(`${line}\n`)
}

class Supervisor {
  /** All running workers. This includes the workers that have got the order to end. */
  readonly #workers = new Set<WorkerLife>()
  #wanted: number
  readonly #readyTimeout: number
  readonly #log: (line: string) => void
  readonly #stopping: AbortController = new AbortController()
  #pause = firstPause
  #reloaded: Promise<void> = Promise.resolve()
  #stopped: Promise<number> | undefined

  constructor({ workers, readyTimeout, log }: Complete<ClusterOptions>) {
    this.#wanted = workers
    this.#readyTimeout = readyTimeout
    this.#log = log
    this.#fill()
  }

  /** Reloads run one after another. */
  reload(): Promise<void> {
    const reloading = this.#reloaded.then(() => this.#reload())
    this.#reloaded = reloading.catch(() => {})
    return reloading
  }

  stop(): Promise<number> {
    this.#stopped ??= this.#stop()
    return this.#stopped
  }

  /** Passes a signal on to all workers. */
  signal(signal: NodeJS.Signals): void {
    for (const worker of this.#workers) worker.signal(signal)
  }

  #fill(): void {
    for (let count = this.#serving.length; count < this.#wanted; count++) this.#start()
  }

  #start(): WorkerLife {
    const worker = new WorkerLife()
    this.#workers.add(worker)
    void worker.exited.then((code) => {
      this.#workers.delete(worker)
      this.#log(`worker ${worker.pid} has ended with code ${code}`)
    })
    void worker.leaving.then(() => {
      if (!worker.isDismissed) void this.#replace(worker)
    })
    return worker
  }

  /** The worker already ends by itself. */
  async #replace(worker: WorkerLife): Promise<void> {
    this.#log(`worker ${worker.pid} leaves, and is replaced`)
    const othersServe = this.#serving.some((other) => other !== worker && other.isReady)
    void worker.dismiss(othersServe ? 'replace' : 'stop')
    if (worker.hasServed) this.#pause = firstPause
    else await this.#rest(worker)
    this.#fill()
  }

  /**
   * Without this wait, an app that cannot start, or crashes at once, would be started again without a pause.
   */
  async #rest({ pid }: WorkerLife): Promise<void> {
    const pause = this.#pause
    this.#pause = Math.min(2 * pause, longestPause)
    this.#log(`worker ${pid} hardly served: the next one is started in ${pause} ms`)
    await sleep(pause, undefined, { signal: this.#stopping.signal }).catch(() => {})
  }

  async #reload(): Promise<void> {
    const old = this.#serving
    const next = () => old.find(({ isDismissed }) => !isDismissed)
    while (next() !== undefined) {
      const replacement = await this.#startReady()
      this.#log(`worker ${replacement.pid} is ready, and takes the place of another`)
      // The next worker may have ended by itself in the meantime.
      await next()?.dismiss('replace')
    }
    this.#fill()
  }

  async #startReady(): Promise<WorkerLife> {
    const worker = this.#start()
    const ready = await within(this.#readyTimeout, worker.ready)
    if (ready.outcome === 'ok' && ready.value) return worker
    void worker.dismiss('stop')
    this.#fill()
    const failure = ready.outcome === 'ok' ? 'ended' : `was not ready after ${this.#readyTimeout} ms`
    throw new FST_LIFECYCLE_CLUSTER_NOT_READY(String(worker.pid), failure)
  }

  async #stop(): Promise<number> {
    this.#wanted = 0
    this.#stopping.abort()
    const codes = await Promise.all([...this.#workers].map((worker) => worker.dismiss('stop')))
    return Math.max(0, ...codes)
  }

  get #serving(): WorkerLife[] {
    return [...this.#workers].filter(({ isDismissed }) => !isDismissed)
  }
}

function obeySignals(primary: Supervisor, log: (line: string) => void): void {
  let last: number | undefined
  const onStop = (signal: NodeJS.Signals) => {
    const at = now()
    if (last === undefined) {
      log(`${signal}: all workers stop`)
      void primary.stop().then((code) => process.exit(code))
      // Machines repeat SIGTERM, and people repeat Ctrl-C. A terminal sends Ctrl-C to the workers, too. A worker
      // counts the signal of the terminal and that of the primary as one.
    } else if (signal === 'SIGINT' && at - last > oneKeystroke) {
      log('SIGINT again: it is passed on to the workers')
      primary.signal(signal)
    } else return
    last = at
  }
  process.on('SIGTERM', onStop)
  process.on('SIGINT', onStop)
  process.on('SIGHUP', () => {
    log('SIGHUP: all workers are replaced')
    primary.reload().then(
      () => log('all workers are replaced'),
      ({ message }: Error) => log(message)
    )
  })
}
