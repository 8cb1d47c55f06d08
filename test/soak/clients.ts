import { once } from 'node:events'
import http2 from 'node:http2'
import net from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { WebSocket } from 'ws'
import type { AppProcess } from '../support/app-process.ts'
import { type Ask, type Broken, Http1Line, Http2Line, type Line, NotTaken } from './line.ts'
import type { Pastime, Scenario } from './scenario.ts'

/** A request that ended as none should. */
export interface Lost {
  readonly what: string
  /** Whether the server has answered, and not as it should. */
  readonly isAnswered: boolean
  /** The port of its connection, if that was open. */
  readonly port?: number | undefined
}

/** What clients saw, all together. */
export class Seen {
  /** Requests answered to their last byte, and not by the gate. */
  answered = 0
  /** Requests answered 503 by the gate. */
  rejected = 0
  /** Requests that the server never looked at. */
  notTaken = 0
  /** Requests that ended in any other way. */
  readonly lost: Lost[] = []
  /** What WebSocket clients were told at the end. */
  readonly closeCodes: number[] = []
  /** What the readiness probe said, one after another. */
  readonly probes: number[] = []
  /** By how many ms a client was late at most, because its process was short of time. */
  longestStall = 0
}

const asks: Readonly<Record<Exclude<Pastime, 'websocket' | 'leaves'>, Ask & { readonly length: number }>> = {
  kept: { path: '/', length: 2 },
  'new each time': { path: '/', length: 2 },
  posts: { path: '/echo', body: 'x'.repeat(20_000), length: 20_000 },
  downloads: { path: '/big', isSlow: true, length: 1024 * 1024 },
  events: { path: '/events', length: 11 },
  hung: { path: '/hung', length: 0 },
  'late hooks': { path: '/late-hook', length: 2 },
  subscription: { path: '/subscription', length: 11 }
}

/** The clients of one app. They go on until the app is gone, or lets nobody in any more. */
export class Clients {
  readonly seen: Seen = new Seen()
  readonly #app: AppProcess
  readonly #port: number
  readonly #scenario: Scenario
  readonly #running: Promise<void>[] = []

  constructor(app: AppProcess, port: number, scenario: Scenario) {
    this.#app = app
    this.#port = port
    this.#scenario = scenario
  }

  /** Resolves once those that ask only once are being served. */
  async start(): Promise<void> {
    const each = this.#scenario.clients.flatMap(({ pastime, count }) =>
      Array.from({ length: count }, (_, index) => this.#start(pastime, index + 1))
    )
    await Promise.all(each)
    this.#running.push(this.#probe())
  }

  /** Resolves once all of them have given up. */
  async gone(): Promise<Seen> {
    await Promise.all(this.#running)
    return this.seen
  }

  async #start(pastime: Pastime, nth: number): Promise<void> {
    if (pastime === 'websocket') return this.#watch()
    if (pastime === 'leaves') {
      this.#running.push(this.#leave())
      return
    }
    const line = this.#line(pastime)
    if (pastime !== 'events' && pastime !== 'hung' && pastime !== 'subscription') {
      this.#running.push(this.#repeat(line, asks[pastime]))
      return
    }
    const once = this.#ask(line, asks[pastime]).then(() => line.close())
    this.#running.push(once)
    await this.#app.message({ arrived: asks[pastime].path }, nth)
  }

  #line(pastime: Pastime): Line {
    if (this.#scenario.protocol === 'HTTP/2') return new Http2Line(this.#port)
    return new Http1Line(this.#port, pastime !== 'new each time')
  }

  async #repeat(line: Line, ask: Ask & { length: number }): Promise<void> {
    let goesOn = true
    while (goesOn) {
      goesOn = await this.#ask(line, ask)
      await this.#rest(Math.random() * this.#scenario.pause)
    }
    line.close()
  }

  /** Does nothing for so many ms, and notes by how much that was longer. */
  async #rest(pause: number): Promise<void> {
    const begin = performance.now()
    await sleep(pause)
    this.seen.longestStall = Math.max(this.seen.longestStall, performance.now() - begin - pause)
  }

  /** Says whether there is any use in asking again. */
  async #ask(line: Line, ask: Ask & { length: number }): Promise<boolean> {
    try {
      const { status, length } = await line.ask(ask)
      if (status === 503) this.seen.rejected++
      else if (status === 200 && length === ask.length) this.seen.answered++
      else this.seen.lost.push({ what: `${ask.path}: ${status}, ${length} bytes`, isAnswered: true })
      return true
    } catch (error) {
      if (error instanceof NotTaken) this.seen.notTaken++
      else this.#lose(ask.path, error)
      return !(error instanceof NotTaken && error.isFinal)
    }
  }

  #lose(path: string, error: unknown): void {
    const { message, port } = error as Broken
    this.seen.lost.push({ what: `${path}: ${message}`, isAnswered: false, port })
  }

  /** Asks for work, and leaves in the middle of it, as long as there is anybody to ask. */
  async #leave(): Promise<void> {
    let goesOn = true
    while (goesOn) {
      const leave = this.#scenario.protocol === 'HTTP/2' ? askByHttp2 : askByHttp1
      goesOn = await leave(this.#port, Math.random() * 120)
      await this.#rest(Math.random() * this.#scenario.pause)
    }
  }

  async #watch(): Promise<void> {
    const socket = new WebSocket(`ws://127.0.0.1:${this.#port}/socket`)
    await once(socket, 'open')
    this.#running.push(
      once(socket, 'close').then(([code]) => {
        this.seen.closeCodes.push(code)
      })
    )
  }

  async #probe(): Promise<void> {
    const line = this.#line('kept')
    try {
      while (true) {
        const { status } = await line.ask({ path: '/readyz' })
        this.seen.probes.push(status)
        await this.#rest(30)
      }
    } catch (error) {
      if (!(error instanceof NotTaken)) this.#lose('/readyz', error)
    }
    line.close()
  }
}

/** Says whether there was anybody to ask. */
async function askByHttp1(port: number, stay: number): Promise<boolean> {
  const socket = net.connect(port, '127.0.0.1')
  const refused = once(socket, 'error').then(([{ code }]) => code === 'ECONNREFUSED')
  socket.write('GET /work HTTP/1.1\r\nHost: x\r\n\r\n')
  socket.resume()
  const isRefused = await Promise.race([refused, sleep(stay).then(() => false)])
  socket.on('error', () => {}).destroy()
  return !isRefused
}

async function askByHttp2(port: number, stay: number): Promise<boolean> {
  const session = http2.connect(`http://127.0.0.1:${port}`)
  const refused = once(session, 'error').then(([{ code }]) => code === 'ECONNREFUSED')
  session
    .request({ ':path': '/work' })
    .on('error', () => {})
    .resume()
  const isRefused = await Promise.race([refused, sleep(stay).then(() => false)])
  session.on('error', () => {}).destroy()
  return !isRefused
}
