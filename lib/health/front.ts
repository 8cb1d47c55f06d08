import type { IncomingMessage, RequestListener, Server, ServerResponse } from 'node:http'
import type { Probe } from './check.ts'
import type { Answer, Health } from './health.ts'
import type { HealthSettings } from './options.ts'

/** The probes by their paths. */
export function probePaths({ live, ready, startup }: HealthSettings): Map<string, Probe> {
  const paths: [string | false, Probe][] = [
    [live, 'live'],
    [ready, 'ready'],
    [startup, 'startup']
  ]
  return new Map(paths.filter((entry): entry is [string, Probe] => entry[0] !== false))
}

/** Answers a request to a probe; returns whether it was one. A 503 goes out when `hold` lets it. */
export type Front = (request: IncomingMessage, response: ServerResponse, hold: Hold) => boolean

/** Calls `act` at once, or later where the moment is a bad one. */
export type Hold = (act: () => void) => void

/**
 * Answers the probes' requests before Fastify sees them, so that no hook of the app stands before
 * them: no authentication, no rate limit, no load shedding, no log line.
 */
export function frontOf(health: Health, paths: ReadonlyMap<string, Probe>, onAnswered: OnAnswered): Front {
  return (request, response, hold) => {
    const probe = probeAt(request.url as string, paths)
    if (probe === undefined || (request.method !== 'GET' && request.method !== 'HEAD')) return false
    const send = (answer: Answer) => {
      respond(request, response, answer)
      onAnswered(probe, answer)
    }
    const decide = (answer: Answer) => {
      if (answer.status === 503) hold(() => send(answer))
      else send(answer)
    }
    const answer = health.answer(probe)
    if (answer instanceof Promise) answer.then(decide)
    else decide(answer)
    return true
  }
}

/** The probe that a URL is of, whatever its query. */
function probeAt(url: string, paths: ReadonlyMap<string, Probe>): Probe | undefined {
  const query = url.indexOf('?')
  return paths.get(query === -1 ? url : url.slice(0, query))
}

type OnAnswered = (probe: Probe, answer: Answer) => void

/** Lets the front have each request first, and whoever listened before it those that it leaves. */
export function putBefore(
  server: Server,
  front: (request: IncomingMessage, response: ServerResponse) => boolean
): void {
  const others = server.listeners('request') as RequestListener[]
  server.removeAllListeners('request')
  server.on('request', (request, response) => {
    if (front(request, response)) return
    for (const other of others) other.call(server, request, response)
  })
}

/** As the client likes it: JSON, or a word for people and shell scripts. */
export function bodyFor(accept: string | undefined, { body }: Answer): { type: string; text: string } {
  const wantsText = accept !== undefined && /\btext\/plain\b/.test(accept) && !accept.includes('json')
  return wantsText
    ? { type: 'text/plain; charset=utf-8', text: body.status }
    : { type: 'application/json; charset=utf-8', text: JSON.stringify(body) }
}

function respond(request: IncomingMessage, response: ServerResponse, answer: Answer): void {
  const { type, text } = bodyFor(request.headers.accept, answer)
  response.writeHead(answer.status, {
    'content-type': type,
    'content-length': Buffer.byteLength(text),
    'cache-control': 'no-store'
  })
  response.end(request.method === 'HEAD' ? undefined : text)
}
