import http from 'node:http'
import { type Answer, request, Wire } from '../../test/support/client.ts'
import type { Running } from './running.ts'

/** A client with a pool of kept connections, which it gives up only when the process is gone. */
export function keptAlive(running: Running): http.Agent {
  const agent = new http.Agent({ keepAlive: true })
  running.afterwards(() => agent.destroy())
  return agent
}

/** A bare connection, open until the process is gone. */
export async function connected(running: Running): Promise<Wire> {
  const wire = new Wire(running.port)
  running.afterwards(() => wire.socket.destroy())
  await wire.connected
  return wire
}

/** A request on a connection of its own, whose answer shows that what came before it was taken note of. */
export async function greet(running: Running): Promise<void> {
  await request(running.port, '/')
}

/** What came of a request: the status of its answer, or how it failed. */
export async function outcome(answer: Promise<Answer>): Promise<string> {
  try {
    const { status, headers } = await answer
    return status === 503 && headers['retry-after'] !== undefined ? '503 + Retry-After' : String(status)
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'ECONNREFUSED' ? 'refused' : 'lost'
  }
}

/** How many of the answers that are due came, each status by its name, the others as lost. */
export function statuses(received: string, due: number): string[] {
  const heads = [...received.matchAll(/HTTP\/1\.1 (\d{3})[^\n]*\r\n((?:[^\r\n]+\r\n)*)/g)]
  const seen = heads.map(([, status, headers]) =>
    status === '503' && /^retry-after:/im.test(headers as string) ? '503 + Retry-After' : (status as string)
  )
  return [...seen, ...Array.from({ length: Math.max(0, due - seen.length) }, () => 'lost')]
}

/** A request as it goes over the wire. */
export function get(path: string): string {
  return `GET ${path} HTTP/1.1\nHost: x\n\n`
}
