import type { IncomingMessage } from 'node:http'
import { Socket } from 'node:net'
import { Budget } from '../time/budget.ts'
import { now, sleep } from '../time/clock.ts'
import { spread } from '../time/spread-over.ts'
import { within } from '../time/within.ts'
import type { Farewell } from './farewell.ts'

/** The first byte of a close frame: the last fragment (FIN), with the opcode 8. */
const closeFrame = 0x88

/** How long a client may take to answer a close frame, in ms. */
const patience = 1_000

/** How often to look whether a handshake has been answered, in ms. */
const glance = 10

/** A connection that was to become a WebSocket. */
export interface Upgrade {
  readonly request: IncomingMessage
  readonly socket: Socket
  readonly since: number
  /** What had been written on it before: the handshake's answer comes next. */
  readonly bytesBefore: number
}

/** Resolves when the work on a socket is done, such as answers to its messages; `undefined` where there is none. */
export type WorkOn = (socket: Socket) => Promise<void> | undefined

/** The end of all WebSockets. */
interface Closing {
  /** Every client was sent a close frame. */
  readonly told: Promise<void>
  /** Every client has answered or had its time. Resolves with the requests whose own answer had not come by then. */
  readonly answered: Promise<readonly Upgrade[]>
}

/**
 * WebSocket connections. The HTTP server no longer knows them, and any library may own them. So the close
 * frame is written to the socket itself.
 */
export class WebSockets {
  readonly #upgrades = new Set<Upgrade>()
  #others = 0
  /** Set when all clients were sent a close frame. A client that comes later gets one, too. */
  #closing: { readonly time: Budget; readonly workOn: WorkOn } | undefined
  readonly #farewell: Buffer

  constructor({ code, reason }: Farewell) {
    const text = Buffer.from(reason)
    // RFC 6455 §5.5.1: the status code in two bytes, then the reason; a server does not mask it.
    this.#farewell = Buffer.from([closeFrame, 2 + text.length, code >> 8, code & 0xff, ...text])
  }

  get count(): number {
    return this.#upgrades.size
  }

  /** Connections that were upgraded to some other protocol. */
  get others(): number {
    return this.#others
  }

  add(request: IncomingMessage, socket: Socket): void {
    // Injected by a test: there is no connection.
    if (!(socket instanceof Socket)) return
    if (!asksForWebSocket(request)) {
      this.#others++
      socket.once('close', () => this.#others--)
      return
    }
    const upgrade = { request, socket, since: now(), bytesBefore: socket.bytesWritten }
    this.#upgrades.add(upgrade)
    socket.once('close', () => this.#upgrades.delete(upgrade))
    if (this.#closing !== undefined) void this.#tell(upgrade, this.#closing.time, this.#closing.workOn)
  }

  /** The requests that have arrived and are not answered yet, because a hook takes its time. */
  pending(): WeakSet<IncomingMessage> {
    return new WeakSet([...this.#upgrades].filter(isPending).map(({ request }) => request))
  }

  /** Tells every client that the service restarts, in `limit` ms at most. `workOn` gives what must be done on a socket before. */
  close(limit: number, workOn: WorkOn): Closing {
    const time = new Budget(limit)
    this.#closing = { time, workOn }
    const upgrades = [...this.#upgrades]
    const told: Promise<unknown>[] = []
    const gone: Promise<unknown>[] = []
    const spreading = spread(upgrades, limit, (upgrade) => {
      const telling = this.#tell(upgrade, time, workOn)
      told.push(within(time.left, telling))
      gone.push(
        within(
          time.left,
          telling.then(() => this.#gone(upgrade, time))
        )
      )
    })
    return {
      told: spreading.then(() => Promise.all(told)).then(() => {}),
      answered: spreading.then(() => Promise.all(gone)).then(() => upgrades.filter(isPending))
    }
  }

  /** Waits until each of these is answered, for `limit` ms at most. Resolves with those that are not. */
  async answered(upgrades: readonly Upgrade[], limit: number): Promise<readonly Upgrade[]> {
    const time = new Budget(limit)
    while (upgrades.some(isPending) && time.left > 0) await sleep(glance)
    return upgrades.filter(isPending)
  }

  async #tell({ socket, bytesBefore }: Upgrade, time: Budget, workOn: WorkOn): Promise<void> {
    // A frame before the handshake's answer would be garbage.
    while (isPending({ socket, bytesBefore })) await sleep(glance)
    await within(time.left, Promise.resolve(workOn(socket)))
    if (socket.writable) socket.write(this.#farewell)
  }

  async #gone({ socket }: Upgrade, time: Budget): Promise<void> {
    if (socket.destroyed) return
    await within(time.clamp(patience), new Promise<void>((resolve) => socket.once('close', resolve)))
  }
}

export function asksForWebSocket({ headers }: IncomingMessage): boolean {
  return headers.upgrade?.toLowerCase() === 'websocket'
}

function isPending({ socket, bytesBefore }: Pick<Upgrade, 'socket' | 'bytesBefore'>): boolean {
  return socket.bytesWritten === bytesBefore && socket.writable
}
