import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Postpone } from '../connections/parked.ts'
import type { Probe } from './check.ts'
import type { Answer, Health } from './health.ts'
import type { ProbePaths } from './probe-paths.ts'
import { senderOf } from './probers.ts'
import { plain, type Question, splitPath, withQuery } from './question.ts'
import { verboseText } from './verbose.ts'

/**
 * Answers a request to a probe. Returns `false` if the request is not for a probe. A 503 is sent when
 * `postpone` calls back.
 */
export type ProbeResponder = (
  request: IncomingMessage,
  response: ServerResponse,
  postpone: Postpone
) => boolean

/**
 * Answers the probes' requests before Fastify sees them, so that no hook of the app runs first. Examples are
 * authentication, rate limits and load shedding.
 */
export function probeResponder(
  health: Health,
  paths: ProbePaths,
  onAnswered: (probe: Probe, answer: Answer) => void
): ProbeResponder {
  return (request, response, postpone) => {
    if (request.method !== 'GET' && request.method !== 'HEAD') return false
    const question = questionOf(request.url as string, health, paths)
    if (question === undefined) return false
    const { probe } = question
    const send = (answer: Answer) => {
      respond(request, response, question, answer)
      onAnswered(probe, answer)
    }
    const decide = (answer: Answer) => {
      if (answer.status === 503) postpone(() => send(answer))
      else send(answer)
    }
    const answer = health.answer(question, senderOf(request))
    if (answer instanceof Promise) void answer.then(decide)
    else decide(answer)
    return true
  }
}

/**
 * The question that a URL asks, if the URL belongs to a probe. With details, the path of a probe may continue with the
 * name of one of the probe's checks. If no check has that name, the app answers the request.
 */
export function questionOf(
  url: string,
  { checks, hasDetails }: Pick<Health, 'checks' | 'hasDetails'>,
  paths: ProbePaths
): Question | undefined {
  const probe = paths.of(url)
  if (probe !== undefined) return hasDetails ? withQuery(plain(probe), url) : plain(probe)
  if (!hasDetails) return undefined
  const [above = '', check = ''] = splitPath(url) ?? []
  const owner = paths.of(above)
  if (owner === undefined || !checks.has(owner, check)) return undefined
  return withQuery({ ...plain(owner), check }, url)
}

/** The body in the form that the client accepts: JSON, one word of plain text, or one line for each check. */
export function bodyFor(
  accept: string | undefined,
  question: Question,
  answer: Answer
): { type: string; text: string } {
  const { body } = answer
  if (question.isVerbose && accept?.includes('json') !== true) {
    return { type: 'text/plain; charset=utf-8', text: verboseText(question, answer) }
  }
  const wantsText = accept !== undefined && /\btext\/plain\b/.test(accept) && !accept.includes('json')
  return wantsText
    ? { type: 'text/plain; charset=utf-8', text: body.status }
    : { type: 'application/json; charset=utf-8', text: JSON.stringify(body) }
}

function respond(
  request: IncomingMessage,
  response: ServerResponse,
  question: Question,
  answer: Answer
): void {
  const { type, text } = bodyFor(request.headers.accept, question, answer)
  response.writeHead(answer.status, {
    'content-type': type,
    'content-length': Buffer.byteLength(text),
    'cache-control': 'no-store'
  })
  response.end(request.method === 'HEAD' ? undefined : text)
}
