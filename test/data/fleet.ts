import http from 'node:http'
import type { AddressInfo } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { AppProcess, type Exit } from '../support/app-process.ts'
import { request } from '../support/client.ts'
import type { Ending, Restart } from './schedule.ts'

/** How often the balancer asks whether an instance is ready, in ms. */
const probing = 40

/** One process of the bank, from its start to its end, as its balancer sees it. */
export class Instance {
  readonly app: AppProcess
  port: number | undefined
  /** Whether new clients are sent to it: by what its readiness probe said last. */
  isReady = false
  /** How many clients have their connection to it. */
  clients = 0
  /** How it was made to end, once it was. */
  ending: Ending | undefined

  constructor(app: AppProcess) {
    this.app = app
    this.#probe().catch(() => {
      this.isReady = false
    })
  }

  /** Until there is no answer. */
  async #probe(): Promise<void> {
    const [address] = await this.app.listening()
    const { port } = address as AddressInfo
    this.port = port
    const agent = new http.Agent({ keepAlive: true, maxSockets: 1 })
    while (true) {
      const { status } = await request(port, '/readyz', { agent })
      this.isReady = status === 200
      await sleep(probing)
    }
  }
}

/** How an instance ended. */
export interface End {
  readonly ending: Ending
  readonly exit: Exit
  readonly instance: Instance
}

/** The instances of a bank, one for each place, restarted one after another. */
export class Fleet {
  readonly #start: () => Instance
  readonly #places: Instance[]
  readonly ends: End[] = []
  #isOver = false

  constructor(size: number, setup: object, env: NodeJS.ProcessEnv) {
    this.#start = () => {
      if (this.#isOver) throw new Error('there is no place for an instance any more')
      return new Instance(new AppProcess('bank', { ...setup }, env))
    }
    this.#places = Array.from({ length: size }, this.#start)
  }

  /** Resolves once all of them listen. */
  async listening(): Promise<void> {
    await Promise.all(this.#places.map(({ app }) => app.listening()))
  }

  /** The one that a balancer would choose: with the fewest clients of those that are ready. */
  choose(): Instance | undefined {
    return this.#places.filter(({ isReady }) => isReady).sort((one, other) => one.clients - other.clients)[0]
  }

  /** Makes the instance of a place end, and puts a new one there. */
  async restart(place: number, { ending, after, gap }: Restart): Promise<void> {
    await sleep(after)
    const isEarly = ending === 'SIGTERM while it starts'
    await this.#end(this.#places[place] as Instance, isEarly ? 'SIGTERM' : ending, gap)
    if (isEarly) await this.#end(this.#start(), ending, gap)
    const next = this.#start()
    this.#places[place] = next
    await next.app.listening()
  }

  /** Waits until every job is done, by what one of them says. */
  async settle(): Promise<void> {
    const [one] = this.#places
    one?.app.tell('settle')
    await one?.app.message({ settled: true })
  }

  /** Ends all of them in order. */
  async stop(): Promise<void> {
    await Promise.all(this.#places.map((instance) => this.#end(instance, 'SIGTERM', 0)))
  }

  /** Whatever happens, nothing stays behind. */
  kill(): void {
    this.#isOver = true
    for (const { app } of this.#places) app.end()
  }

  async #end(instance: Instance, ending: Ending, gap: number): Promise<void> {
    instance.ending = ending
    await endings[ending](instance.app, gap)
    const exit = await instance.app.exited
    this.ends.push({ ending, exit, instance })
  }
}

/** What each ending does to a process. */
const endings: Readonly<Record<Ending, (app: AppProcess, gap: number) => unknown>> = {
  SIGTERM: (app) => app.kill('SIGTERM'),
  SIGINT: (app) => app.kill('SIGINT'),
  async 'SIGTERM twice'(app, gap) {
    app.kill('SIGTERM')
    // Soon enough to be an echo, even where the machine is busy.
    await sleep(gap / 8)
    app.kill('SIGTERM')
  },
  crash: (app) => app.tell('crash'),
  SIGKILL: (app) => app.kill('SIGKILL'),
  async 'SIGKILL while it shuts down'(app, gap) {
    app.kill('SIGTERM')
    await sleep(gap)
    app.kill('SIGKILL')
  },
  async 'SIGTERM while it starts'(app, gap) {
    await sleep(gap)
    app.kill('SIGTERM')
  }
}
