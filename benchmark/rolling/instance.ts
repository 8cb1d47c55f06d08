import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import type { Owner } from '../../test/support/proxy.ts'
import { binaryOf, reference } from '../nodes.ts'

const serve = fileURLToPath(new URL('../../../benchmark/subjects/app/serve.js', import.meta.url))

/** What `subjects/app/setup.js` knows. */
export interface InstanceSetup {
  readonly host: string
  readonly port: number
  readonly deadline: number
  readonly lameDuck: unknown
  readonly handOver?: boolean
  readonly transport: 'http' | 'h2c'
}

/** How an instance ended: how long after the signal, in ms, and with which exit code or signal. */
export interface End {
  readonly took: number
  readonly exit: string
}

/** One process with a subject, from its start to its end. */
export class Instance {
  readonly #process: ChildProcess
  readonly #exited: Promise<string>
  readonly host: string
  readonly port: number
  readonly readiness: { readonly port: number; readonly path: string }

  private constructor(child: ChildProcess, exited: Promise<string>, host: string, listening: Listening) {
    this.#process = child
    this.#exited = exited
    this.host = host
    this.port = listening.port
    this.readiness = { port: listening.probes.port, path: listening.probes.ready }
  }

  /** Resolves when it listens. */
  static async start(owner: Owner, subject: string, setup: InstanceSetup): Promise<Instance> {
    const child = fork(serve, [subject, JSON.stringify(setup)], {
      execPath: binaryOf(reference),
      env: { ...process.env, KUBERNETES_SERVICE_HOST: '' },
      stdio: ['ignore', 'ignore', 'inherit', 'ipc']
    })
    owner.after(() => child.kill('SIGKILL'))
    const exited = once(child, 'exit').then(([code, signal]) => String(code ?? signal))
    const listening = new Promise<Listening>((resolve) => {
      child.on('message', (message: { listening?: Listening }) => {
        if (message.listening !== undefined) resolve(message.listening)
      })
    })
    const failed = exited.then((exit) => {
      throw new Error(`${subject} ended with ${exit} and never listened`)
    })
    return new Instance(child, exited, setup.host, await Promise.race([listening, failed]))
  }

  /** Tells it to end, as a platform does, and kills it when the grace period is over. */
  async terminate(grace: number): Promise<End> {
    const begin = performance.now()
    this.#process.kill('SIGTERM')
    const timer = setTimeout(() => this.#process.kill('SIGKILL'), grace)
    const exit = await this.#exited
    clearTimeout(timer)
    return { took: performance.now() - begin, exit }
  }
}

interface Listening {
  readonly port: number
  readonly probes: { readonly port: number; readonly ready: string }
}
