import type { Outcome } from './clients/connection.ts'
import type { ResponseHead } from './clients/response-parser.ts'

/** The clients, by how they behave. */
export type ClientKind = 'reusing' | 'fresh' | 'slow reader'

/** What happened to requests. */
export interface Counts {
  answered: number
  /** 503, or 429 with `Retry-After`: the client may send the request again. */
  toldToComeBack: number
  /** Any other 5xx, if that status did not come before the signal. */
  failed: number
  refused: number
  cut: number
  lost: number
  unanswered: number
}

export type Fate = keyof Counts

/** Whether a request was under way before, at, or after the signal. */
export type When = 'before' | 'inFlight' | 'after'

/** Something that should not have happened to a request. */
export interface Mishap {
  readonly fate: Fate
  readonly kind: ClientKind
  readonly when: When
  /** When the client noticed it, in ms from the signal. */
  readonly at: number
  readonly request: string
  /** The status, or the error code of the system. */
  readonly detail: string
}

const mostMishaps = 20

export function noCounts(): Counts {
  return { answered: 0, toldToComeBack: 0, failed: 0, refused: 0, cut: 0, lost: 0, unanswered: 0 }
}

/** Counts what happens to the requests of all clients. */
export class Tally {
  readonly counts: Readonly<Record<When, Counts>> = {
    before: noCounts(),
    inFlight: noCounts(),
    after: noCounts()
  }
  /** Requests that were cut or lost after the signal: when each was sent, and by which client. */
  readonly harm: Readonly<Record<'inFlight' | 'after', Record<ClientKind, number>>> = {
    inFlight: { reusing: 0, fresh: 0, 'slow reader': 0 },
    after: { reusing: 0, fresh: 0, 'slow reader': 0 }
  }
  /** The number of clients of each kind, and how many of them had a request cut or lost. */
  readonly clients: Readonly<Record<ClientKind, { all: number; hurt: number }>> = {
    reusing: { all: 0, hurt: 0 },
    fresh: { all: 0, hurt: 0 },
    'slow reader': { all: 0, hurt: 0 }
  }
  readonly mishaps: Mishap[] = []
  /** The statuses of the answers before the signal. */
  readonly usual = new Set<number>()
  signalledAt: number | undefined
  /** When the first connection was refused, in ms from the signal. */
  firstRefusal: number | undefined
  lastAnswer: number | undefined
  /** How many requests were answered although another client had been refused before they were sent. */
  answeredAfterRefusal = 0
  /** For each status, the number of answers that count as `failed`. */
  readonly failures = new Map<number, number>()
  /**
   * After the signal: the number of answers with `Connection: close`, and the number of answers without it.
   */
  lastOnConnection = 0
  keptConnection = 0
  /** The number of 503 answers with `Retry-After`. */
  withRetryAfter = 0
  /** Requests that are under way now. */
  inFlight = 0
  /** The value of `inFlight` at the signal. */
  inFlightAtSignal = 0
  /** Whether the app has ended. After that, a refused connection is no finding. */
  hasEnded = false
  readonly #hurt = new Set<string>()

  /** From now on, requests count as sent after the signal. */
  signal(): void {
    this.signalledAt = performance.now()
    this.inFlightAtSignal = this.inFlight
  }

  /** How many requests were cut or lost after the signal. */
  get harmed(): number {
    const { inFlight, after } = this.counts
    return inFlight.cut + inFlight.lost + after.cut + after.lost
  }

  /** Counts one request. `sentAt` is the time at which its client sent it. */
  add(kind: ClientKind, client: number, request: string, sentAt: number, outcome: Outcome): void {
    const now = performance.now()
    const at = now - (this.signalledAt ?? now)
    const when: When =
      this.signalledAt === undefined ? 'before' : sentAt < this.signalledAt ? 'inFlight' : 'after'
    const fate = this.#fateOf(outcome, when)
    if (fate === 'refused' && this.hasEnded) return
    this.counts[when][fate]++
    if (outcome.kind === 'answered') this.#hear(outcome.head, fate, when, at)
    if (fate === 'answered' && this.firstRefusal !== undefined && at - (now - sentAt) > this.firstRefusal)
      this.answeredAfterRefusal++
    if (fate === 'refused' && when === 'after') this.firstRefusal ??= at
    if (when === 'before' || fate === 'answered' || fate === 'toldToComeBack' || fate === 'refused') return
    if (fate === 'cut' || fate === 'lost') this.#hurtBy(kind, client, when)
    if (this.mishaps.length >= mostMishaps) return
    this.mishaps.push({ fate, kind, when, at: Math.round(at), request, detail: detailOf(outcome) })
  }

  #hear({ status, isLast, headers }: ResponseHead, fate: Fate, when: When, at: number): void {
    this.lastAnswer = at
    if (when === 'before') this.usual.add(status)
    else if (isLast) this.lastOnConnection++
    else this.keptConnection++
    if (when !== 'before' && fate === 'failed')
      this.failures.set(status, (this.failures.get(status) ?? 0) + 1)
    if (fate === 'toldToComeBack' && headers['retry-after'] !== undefined) this.withRetryAfter++
  }

  #fateOf(outcome: Outcome, when: When): Fate {
    if (outcome.kind === 'not-http') return 'failed'
    if (outcome.kind !== 'answered') return outcome.kind
    const { status, headers } = outcome.head
    if (status === 503 || (status === 429 && headers['retry-after'] !== undefined)) return 'toldToComeBack'
    return status >= 500 && (when === 'before' || !this.usual.has(status)) ? 'failed' : 'answered'
  }

  #hurtBy(kind: ClientKind, client: number, when: 'inFlight' | 'after'): void {
    this.harm[when][kind]++
    const name = `${kind} ${client}`
    if (this.#hurt.has(name)) return
    this.#hurt.add(name)
    this.clients[kind].hurt++
  }
}

function detailOf(outcome: Outcome): string {
  switch (outcome.kind) {
    case 'answered':
      return String(outcome.head.status)
    case 'cut':
      return `${outcome.code} after ${outcome.received} bytes of a ${outcome.status}`
    case 'lost':
      return outcome.code
    default:
      return outcome.kind
  }
}
