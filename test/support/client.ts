import { once } from 'node:events'
import http, { type IncomingHttpHeaders } from 'node:http'
import net, { type Socket } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'

/** A response, read to its end. */
export interface Answer {
  readonly status: number
  readonly headers: IncomingHttpHeaders
  readonly body: string
  /** When its last byte came. */
  readonly at: number
}

export interface RequestSetup {
  readonly agent?: http.Agent | false
  readonly method?: string
  readonly headers?: http.OutgoingHttpHeaders
  readonly body?: string
  readonly host?: string
}

/** One request, and the whole of its response. Rejects if the connection fails or is cut. */
export async function request(port: number, path: string, setup: RequestSetup = {}): Promise<Answer> {
  const { agent = false, method = 'GET', headers = {}, body, host = '127.0.0.1' } = setup
  const outgoing = http.request({ port, host, path, agent, method, headers })
  outgoing.end(body)
  const [response] = (await once(outgoing, 'response')) as [http.IncomingMessage]
  response.setEncoding('latin1')
  let text = ''
  for await (const chunk of response) text += chunk
  if (!response.complete) throw new Error('the response was cut')
  return {
    status: response.statusCode as number,
    headers: response.headers,
    body: text,
    at: performance.now()
  }
}

/** A bare connection: what it says and hears is up to the test. */
export class Wire {
  readonly socket: Socket
  received = ''
  hasEnded = false
  /** Resolves when the other side has ended or reset the connection. */
  readonly ended: Promise<'end' | 'reset'>

  constructor(port: number, host = '127.0.0.1', allowHalfOpen = false) {
    this.socket = net.connect({ port, host, allowHalfOpen })
    this.socket.setEncoding('latin1')
    this.socket.on('data', (chunk) => {
      this.received += chunk
    })
    this.ended = new Promise<'end' | 'reset'>((resolve) => {
      this.socket.once('end', () => resolve('end'))
      this.socket.once('error', () => resolve('reset'))
    }).finally(() => {
      this.hasEnded = true
    })
  }

  get connected(): Promise<unknown> {
    return this.socket.connecting ? once(this.socket, 'connect') : Promise.resolve()
  }

  send(text: string): void {
    this.socket.write(text.replaceAll('\n', '\r\n'))
  }

  /** Waits until what was received contains `text`, so many times. Rejects where the connection ends before. */
  async receives(text: string, times = 1): Promise<void> {
    const isThere = () => this.received.split(text).length > times
    while (!isThere()) {
      const ended = this.ended.then((how) => how)
      const how = await Promise.race([
        once(this.socket, 'data').then(
          () => undefined,
          () => 'reset'
        ),
        ended
      ])
      if (how !== undefined && !isThere()) throw new Error(`no '${text}' before the ${how}: ${this.received}`)
    }
  }
}

/** How a closed-loop client fared. */
export interface LoopTally {
  readonly answers: {
    readonly status: number
    readonly headers: IncomingHttpHeaders
    readonly sentAt: number
  }[]
  refused: number
  /** Requests that were sent and never answered. */
  readonly lost: Error[]
  /** By how many ms a client was late at most, because its process was short of time. */
  longestStall: number
}

/**
 * Clients that each send one request after another on a connection they keep, until told to stop
 * or until new connections are refused.
 */
export async function closedLoop(
  port: number,
  path: string,
  clients: number,
  { pause = 0, signal }: { pause?: number; signal?: AbortSignal } = {}
): Promise<LoopTally> {
  const tally: LoopTally = { answers: [], refused: 0, lost: [], longestStall: 0 }
  await Promise.all(
    Array.from({ length: clients }, async () => {
      const agent = new http.Agent({ keepAlive: true, maxSockets: 1 })
      while (!signal?.aborted) {
        const sentAt = performance.now()
        try {
          const { status, headers } = await request(port, path, { agent })
          tally.answers.push({ status, headers, sentAt })
        } catch (error) {
          if ((error as NodeJS.ErrnoException).code === 'ECONNREFUSED') {
            tally.refused++
            break
          }
          tally.lost.push(error as Error)
        }
        const asked = Math.random() * pause
        const begin = performance.now()
        if (pause > 0) await sleep(asked)
        tally.longestStall = Math.max(tally.longestStall, performance.now() - begin - asked)
      }
      agent.destroy()
    })
  )
  return tally
}
