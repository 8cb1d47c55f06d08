import { randomUUID } from 'node:crypto'
import http from 'node:http'
import { setTimeout as sleep } from 'node:timers/promises'
import { request } from '../support/client.ts'
import type { Fleet, Instance } from './fleet.ts'

/** A connection that was silent for so many ms is not used again: its end may be on its way. */
const freshFor = 100

/** What a client that gets no service at all waits before it tries again, in ms, and how often it tries. */
const patience = { pause: 10, tries: 60_000 }

/** One in so many clients that do not know what became of a transfer leaves it at that. */
const indifference = 4

/** What clients know of their transfers. */
export class Ledger {
  /** Booked, as the bank has said. */
  readonly acknowledged: Set<string> = new Set()
  /** Not booked, as the bank has said. */
  readonly refused: Set<string> = new Set()
  /** The bank did not say, and was not asked again. */
  readonly unknown: Set<string> = new Set()
  /** Requests that got no answer, or one that tells nothing, and the instance that they went to. */
  readonly failed: { readonly why: string; readonly instance: Instance }[] = []
  /** Requests that another instance had to serve. */
  rejected = 0
  /** By how many ms a client was late at most, because its process was short of time. */
  longestStall = 0
}

/** Clients that order one transfer after another until the signal; resolves when their last is settled. */
export async function order(
  fleet: Fleet,
  { clients, accounts, signal }: { clients: number; accounts: number; signal: AbortSignal }
): Promise<Ledger> {
  const ledger = new Ledger()
  const all = Array.from({ length: clients }, async () => {
    const client = new Client(fleet, ledger)
    while (!signal.aborted) {
      await client.transfer(accounts)
      const asked = Math.random() * 20
      const begin = performance.now()
      await sleep(asked)
      ledger.longestStall = Math.max(ledger.longestStall, performance.now() - begin - asked)
    }
    client.leave()
  })
  await Promise.all(all)
  return ledger
}

/** What came of one request: the bank said so, it has to go to another instance, or nobody knows. */
type Result = 'booked' | 'refused' | 'rejected' | 'unknown'

/** One client, with the balancer's work done by itself: it keeps a connection to one instance. */
class Client {
  readonly #fleet: Fleet
  readonly #ledger: Ledger
  #agent = new http.Agent({ keepAlive: true, maxSockets: 1 })
  #instance: Instance | undefined
  #lastUsed = 0

  constructor(fleet: Fleet, ledger: Ledger) {
    this.#fleet = fleet
    this.#ledger = ledger
  }

  /** Orders a transfer, and sends it again, under the same id, until the bank has said what became of it. */
  async transfer(accounts: number): Promise<void> {
    const id = randomUUID()
    const payer = 1 + Math.floor(Math.random() * accounts)
    const payee = 1 + ((payer + Math.floor(Math.random() * (accounts - 1))) % accounts)
    const body = JSON.stringify({ payer, payee, amount: 1 + Math.floor(Math.random() * 100) })
    let mayBeBooked = false
    for (let tries = 0; tries < patience.tries; tries++) {
      const result = await this.#send(id, body)
      if (result === 'booked') this.#ledger.acknowledged.add(id)
      if (result === 'refused') this.#ledger.refused.add(id)
      if (result === 'booked' || result === 'refused') return
      mayBeBooked ||= result === 'unknown'
      if (result === 'unknown' && Math.random() * indifference < 1) break
      if (result === 'rejected') this.#ledger.rejected++
    }
    if (mayBeBooked) this.#ledger.unknown.add(id)
  }

  leave(): void {
    this.#agent.destroy()
    this.#agent = new http.Agent({ keepAlive: true, maxSockets: 1 })
    if (this.#instance !== undefined) this.#instance.clients--
    this.#instance = undefined
  }

  async #send(id: string, body: string): Promise<Result> {
    if (this.#instance === undefined || performance.now() - this.#lastUsed > freshFor) this.#connect()
    const instance = this.#instance
    if (instance?.port === undefined) {
      await sleep(patience.pause)
      return 'rejected'
    }
    const setup = { method: 'PUT', body, headers: { 'content-type': 'application/json' }, agent: this.#agent }
    try {
      const { status, headers, body: text } = await request(instance.port, `/transfers/${id}`, setup)
      this.#lastUsed = performance.now()
      if (headers.connection === 'close') this.leave()
      if (status === 200 || status === 201) return 'booked'
      if (status === 422) return 'refused'
      if (status === 503 && text.includes('FST_LIFECYCLE_DRAINING')) return 'rejected'
      this.#ledger.failed.push({ why: `${status} ${text}`, instance })
      return 'unknown'
    } catch (error) {
      this.leave()
      const { code, message } = error as NodeJS.ErrnoException
      if (code === 'ECONNREFUSED') return 'rejected'
      this.#ledger.failed.push({ why: code ?? message, instance })
      return 'unknown'
    }
  }

  /** A new connection, to whatever instance the balancer chooses. */
  #connect(): void {
    this.leave()
    this.#instance = this.#fleet.choose()
    if (this.#instance !== undefined) this.#instance.clients++
    this.#lastUsed = performance.now()
  }
}
