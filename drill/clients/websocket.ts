import { randomBytes } from 'node:crypto'
import { Failure } from '../failure.ts'
import { Connection } from './connection.ts'
import type { Ground } from './crowd.ts'

/** How a WebSocket ended, as its client saw it. */
export interface WebSocketEnd {
  readonly path: string
  /**
   * The code of the close frame. 1006: there was no close frame. 1005: the close frame had no code. `undefined`: the
   * WebSocket was open to the end.
   */
  code: number | undefined
  closedAt: number | undefined
}

const closeOpcode = 8
const pingOpcode = 9
const pongOpcode = 10

/** Opens a WebSocket (RFC 6455), and watches how it is closed. */
export async function openWebSocket(ground: Ground, path: string): Promise<WebSocketEnd> {
  const opening = await Connection.open(ground.target, ground.over)
  const end: WebSocketEnd = { path, code: undefined, closedAt: undefined }
  if (!opening.isOpen)
    throw new Failure('wrong-answer', `The WebSocket at ${path} was refused: ${opening.code}.`)
  const { connection } = opening
  const reader = new FrameReader(connection, (code) => {
    if (ground.over.aborted) return
    end.code ??= code
    end.closedAt ??= performance.now()
  })
  connection.onData = (data) => reader.read(data)
  const headers = [
    ['Connection', 'Upgrade'],
    ['Upgrade', 'websocket'],
    ['Sec-WebSocket-Version', '13'],
    ['Sec-WebSocket-Key', randomBytes(16).toString('base64')],
    ...ground.setup.request.headers
  ] as [string, string][]
  const outcome = await connection.request(ground.target, path, { method: 'GET', headers, body: '' })
  const status = outcome.kind === 'answered' ? outcome.head.status : outcome.kind
  if (status !== 101) {
    connection.close()
    throw new Failure(
      'wrong-answer',
      `${path} is no WebSocket: it answered ${status} instead of 101. See --websocket.`
    )
  }
  void connection.ended.then(() => reader.ended())
  return end
}

/** Reads the frames of a server, which are not masked. Answers pings and the close frame. */
class FrameReader {
  readonly #connection: Connection
  readonly #onClose: (code: number) => void
  #buffer: Buffer = Buffer.alloc(0)

  constructor(connection: Connection, onClose: (code: number) => void) {
    this.#connection = connection
    this.#onClose = onClose
  }

  read(data: Buffer): void {
    this.#buffer = Buffer.concat([this.#buffer, data])
    for (let frame = this.#next(); frame !== undefined; frame = this.#next()) this.#take(frame)
  }

  /** Called when the connection has ended. Without a close frame, the code is 1006. */
  ended(): void {
    this.#onClose(1006)
  }

  #next(): { opcode: number; payload: Buffer } | undefined {
    const buffer = this.#buffer
    if (buffer.length < 2) return undefined
    const short = (buffer[1] as number) & 0x7f
    const header = short === 126 ? 4 : short === 127 ? 10 : 2
    if (buffer.length < header) return undefined
    const length =
      short === 126 ? buffer.readUInt16BE(2) : short === 127 ? Number(buffer.readBigUInt64BE(2)) : short
    if (buffer.length < header + length) return undefined
    this.#buffer = buffer.subarray(header + length)
    return { opcode: (buffer[0] as number) & 0x0f, payload: buffer.subarray(header, header + length) }
  }

  #take({ opcode, payload }: { opcode: number; payload: Buffer }): void {
    if (opcode === pingOpcode) this.#send(pongOpcode, payload)
    if (opcode !== closeOpcode) return
    this.#onClose(payload.length >= 2 ? payload.readUInt16BE(0) : 1005)
    this.#send(closeOpcode, payload.subarray(0, 2))
    this.#connection.socket.end()
  }

  #send(opcode: number, payload: Buffer): void {
    const key = randomBytes(4)
    const masked = payload.map((byte, index) => byte ^ (key[index % 4] as number))
    this.#connection.socket.write(
      Buffer.concat([Buffer.from([0x80 | opcode, 0x80 | payload.length]), key, masked])
    )
  }
}
