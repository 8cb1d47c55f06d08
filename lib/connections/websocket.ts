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
  /** How many bytes had been written on the socket before the answer to the handshake. */
  readonly bytesBefore: number
}

/** Resolves when the work for a socket is done, such as answers to its messages; `undefined` if there is no work. */
export type WorkOn = (socket: Socket) => Promise<void> | undefined

/** The end of all WebSockets. */
interface Closing {
  /** Resolves when every client has been sent a close frame. */
  readonly told: Promise<void>
  /**
   * Resolves when every client has answered, or its time is up. The value is the handshakes that are not answered
   * yet.
   */
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
    // A request that a test has injected has no connection.
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

  /** The handshakes that have arrived, but are not answered yet, because a hook holds them up. */
  pending(): WeakSet<IncomingMessage> {
    return new WeakSet([...this.#upgrades].filter(isPending).map(({ request }) => request))
  }

  /**
   * Sends every client a close frame, in `limit` ms at most. The frame of a socket waits for the work that
   * `workOn` returns for this socket.
   */
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

  /**
   * Waits until each of these handshakes is answered, for `limit` ms at most. Resolves with the handshakes that are
   * not answered.
   */
  async answered(upgrades: readonly Upgrade[], limit: number): Promise<readonly Upgrade[]> {
    const time = new Budget(limit)
    while (upgrades.some(isPending) && time.left > 0) await sleep(glance)
    return upgrades.filter(isPending)
  }

  async #tell({ socket, bytesBefore }: Upgrade, time: Budget, workOn: WorkOn): Promise<void> {
    // A frame before the answer to the handshake would break the protocol.
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
