import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import http2 from 'node:http2'
import net, { type AddressInfo } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import fc from 'fast-check'
import pg from 'pg'
import { AppProcess } from '../support/app-process.ts'

const url = process.env['DATABASE_URL'] ?? 'postgres://postgres:postgres@127.0.0.1:5432/postgres'

/** One shop that is ended while clients leave. */
export interface Run {
  readonly orders: number
  readonly charged: number
  readonly shipped: number
  /** Orders that were charged and not shipped. */
  readonly broken: readonly string[]
  readonly left: number
  readonly outcome: string
  readonly exitCode: number | null
}

/** Numbers from 0 to 1 that are the same for a seed. */
export function randomFrom(seed: number): () => number {
  const numbers = fc.sample(fc.double({ min: 0, max: 1, noNaN: true }), { seed, numRuns: 10_000 })
  let next = 0
  return () => numbers[next++ % numbers.length] as number
}

/** What may go differently from run to run. */
export interface Moments {
  readonly isHttp2: boolean
  readonly random: () => number
}

const clients = 12

/** Starts a shop, sends orders, lets clients leave at random moments, and signals in the middle of it. */
export async function run({ isHttp2, random }: Moments): Promise<Run> {
  const schema = `orders_${randomBytes(6).toString('hex')}`
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  try {
    await client.query(`CREATE SCHEMA ${schema}`)
    for (const table of ['charged', 'reserved', 'shipped']) {
      await client.query(`CREATE TABLE ${schema}.${table} (id text PRIMARY KEY)`)
    }
    const app = new AppProcess('orders', { url, schema, isHttp2, options: { deadline: 60_000 } }, {})
    try {
      const [address] = await app.listening()
      await orders(app, (address as AddressInfo).port, isHttp2, random)
      const { code } = await app.exited
      const ids = async (table: string) => {
        const { rows } = await client.query(`SELECT id FROM ${schema}.${table}`)
        return new Set(rows.map(({ id }) => id as string))
      }
      const [charged, shipped] = [await ids('charged'), await ids('shipped')]
      return {
        orders: clients,
        charged: charged.size,
        shipped: shipped.size,
        broken: [...charged].filter((id) => !shipped.has(id)),
        left: app.report.requests.leftCount,
        outcome: app.report.outcome,
        exitCode: code
      }
    } finally {
      app.end()
    }
  } finally {
    await client.query(`DROP SCHEMA ${schema} CASCADE`)
    await client.end()
  }
}

async function orders(app: AppProcess, port: number, isHttp2: boolean, random: () => number): Promise<void> {
  // Nobody leaves before an order has been charged: on a busy machine all might be gone before one is read.
  const charged = app.about('charged')
  const leaving = Array.from({ length: clients }, (_, index) => {
    const ms = random() * 120
    return order(port, `${index}`, isHttp2, () => charged.then(() => sleep(ms)))
  })
  // The signal comes when most of the clients are still there or have just gone.
  await charged
  await sleep(random() * 60)
  app.kill('SIGTERM')
  await Promise.all(leaving)
}

/** Sends an order, and leaves when it has stayed, whether it was answered or not. */
async function order(port: number, id: string, isHttp2: boolean, stay: () => Promise<void>): Promise<void> {
  if (isHttp2) {
    const session = http2.connect(`http://127.0.0.1:${port}`).on('error', () => {})
    session
      .request({ ':method': 'POST', ':path': `/orders/${id}` })
      .on('error', () => {})
      .end()
      .resume()
    await stay()
    session.destroy()
    return
  }
  const socket = net.connect(port, '127.0.0.1').on('error', () => {})
  await once(socket, 'connect').catch(() => {})
  socket.write(`POST /orders/${id} HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\r\n`)
  await stay()
  socket.destroy()
}
