import type { IncomingMessage } from 'node:http'
import { Socket } from 'node:net'
import { within } from '../bounded.ts'
import { Budget } from '../budget.ts'
import { now, sleep } from '../clock.ts'
import type { Settings } from '../options.ts'
import { spread } from '../spread.ts'

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

/**
 * WebSocket connections. The HTTP server knows nothing of them any more, and any library or none
 * may own them: so their clients are told on the wire.
 */
export class WebSockets {
  readonly #upgrades = new Set<Upgrade>()
  #others = 0
  /** From the time on in which all are told: who comes later is told, too. */
  #closing: Budget | undefined
  readonly #farewell: Buffer

  constructor({ code, reason }: Settings['websocket']) {
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
    if (request.headers.upgrade?.toLowerCase() !== 'websocket') {
      this.#others++
      socket.once('close', () => this.#others--)
      return
    }
    const upgrade = { request, socket, since: now(), bytesBefore: socket.bytesWritten }
    this.#upgrades.add(upgrade)
    socket.once('close', () => this.#upgrades.delete(upgrade))
    if (this.#closing !== undefined) this.#tell(upgrade, this.#closing)
  }

  /** The requests that have arrived and are not answered yet, because a hook takes its time. */
  pending(): WeakSet<IncomingMessage> {
    return new WeakSet([...this.#upgrades].filter(isPending).map(({ request }) => request))
  }

  /**
   * Tells every client that the service restarts, and waits until each has answered, for `limit` ms at
   * most. Resolves with the requests whose own answer had not come by then.
   */
  async close(limit: number): Promise<readonly Upgrade[]> {
    const time = new Budget(limit)
    this.#closing = time
    const answers: Promise<unknown>[] = []
    const upgrades = [...this.#upgrades]
    await spread(upgrades, limit, (upgrade) => {
      answers.push(within(time.left, this.#tell(upgrade, time)))
    })
    await Promise.all(answers)
    return upgrades.filter(isPending)
  }

  /** Waits until each of these is answered, for `limit` ms at most. Resolves with those that are not. */
  async answered(upgrades: readonly Upgrade[], limit: number): Promise<readonly Upgrade[]> {
    const time = new Budget(limit)
    while (upgrades.some(isPending) && time.left > 0) await sleep(glance)
    return upgrades.filter(isPending)
  }

  async #tell(upgrade: Upgrade, time: Budget): Promise<void> {
    const { socket } = upgrade
    const closed = new Promise<void>((resolve) => socket.once('close', resolve))
    // A frame before the handshake's answer would be garbage.
    while (isPending(upgrade)) await sleep(glance)
    if (socket.writable) socket.write(this.#farewell)
    await within(time.clamp(patience), closed)
  }
}

function isPending({ socket, bytesBefore }: Upgrade): boolean {
  return socket.bytesWritten === bytesBefore && socket.writable
}
