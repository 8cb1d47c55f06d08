import { once } from 'node:events'
import http from 'node:http'
import type { Socket } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'

/** A request that was not answered as it should be. */
export interface Failure {
  /** Refused, answered with an error of the server, or without a whole and right answer. */
  readonly kind: 'refused' | '5xx' | 'lost'
  readonly why: string
  /** When its connection was made, as `performance.now()` says it; `undefined` if it was not. */
  readonly connectedAt: number | undefined
  readonly failedAt: number
}

export interface Tally {
  answered: number
  readonly failures: Failure[]
  /** How long the slowest answer took, in ms. */
  slowest: number
}

/** What a client thinks between two requests, in ms. */
const pause = 5

/** For how many ms a client waits for an answer: longer than any restart takes. */
const patience = 60_000

const connectedAt = new WeakMap<Socket, number>()

/** Clients that ask one request after another, GET and POST in turn, some on a connection that they keep. */
export class Clients {
  readonly tally: Tally = { answered: 0, failures: [], slowest: 0 }
  readonly #port: number
  readonly #clients: Promise<unknown>
  #over = false

  constructor(port: number, { keeping, anew }: { keeping: number; anew: number }) {
    this.#port = port
    const agents = [
      ...Array.from({ length: keeping }, () => new http.Agent({ keepAlive: true, maxSockets: 1 })),
      ...Array.from({ length: anew }, () => false as const)
    ]
    this.#clients = Promise.all(agents.map((agent) => this.#client(agent)))
  }

  /** Resolves when so many more requests were answered. */
  async more(count: number): Promise<void> {
    const enough = this.tally.answered + count
    while (this.tally.answered < enough) await sleep(10)
  }

  async stop(): Promise<Tally> {
    this.#over = true
    await this.#clients
    return this.tally
  }

  async #client(agent: http.Agent | false): Promise<void> {
    for (let count = 0; !this.#over; count++) {
      await this.#ask(agent, count % 2 === 0 ? 'GET' : 'POST', `{"count":${count}}`)
      await sleep(Math.random() * pause)
    }
    if (agent !== false) agent.destroy()
  }

  async #ask(agent: http.Agent | false, method: 'GET' | 'POST', body: string): Promise<void> {
    const { tally } = this
    const sentAt = performance.now()
    const outgoing = http.request({ port: this.#port, host: '127.0.0.1', agent, method, timeout: patience })
    outgoing.once('socket', (socket) => {
      if (socket.connecting) socket.once('connect', () => connectedAt.set(socket, performance.now()))
    })
    outgoing.once('timeout', () => outgoing.destroy(new Error('no answer')))
    try {
      outgoing.setHeader('content-type', 'application/json')
      outgoing.end(method === 'POST' ? body : undefined)
      const [response] = (await once(outgoing, 'response')) as [http.IncomingMessage]
      let text = ''
      for await (const chunk of response) text += chunk
      const status = response.statusCode as number
      const expected = method === 'POST' ? body : '{"ok":true}'
      if (status >= 500) this.#failed('5xx', String(status), outgoing)
      else if (!response.complete || text !== expected) this.#failed('lost', `${status} ${text}`, outgoing)
      else tally.answered++
    } catch (error) {
      const { code = String(error) } = error as NodeJS.ErrnoException
      this.#failed(code === 'ECONNREFUSED' ? 'refused' : 'lost', code, outgoing)
    }
    tally.slowest = Math.max(tally.slowest, performance.now() - sentAt)
  }

  #failed(kind: Failure['kind'], why: string, { socket }: http.ClientRequest): void {
    const at = socket === null ? undefined : connectedAt.get(socket)
    this.tally.failures.push({ kind, why, connectedAt: at, failedAt: performance.now() })
  }
}
