import { randomBytes } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { PGlite } from '@electric-sql/pglite'
import amqp from 'amqplib'
import Fastify from 'fastify'
import pg from 'pg'

const urls = {
  database: process.env['DATABASE_URL'] ?? 'postgres://postgres:postgres@127.0.0.1:5432/postgres',
  broker: process.env['AMQP_URL'] ?? 'amqp://guest:guest@127.0.0.1:5672'
}

/** Rows of an answer. */
export type Query = (text: string) => Promise<Record<string, unknown>[]>

/** What a bank runs on, under a name of its own. */
export interface Ground {
  /** What the bank must be told. */
  readonly env: NodeJS.ProcessEnv
  /** Whether the bank finds nothing to connect to. */
  readonly isAlone: boolean
  /** Looks into the database. */
  look<Result>(look: (query: Query) => Promise<Result>): Promise<Result>
  /** The number of jobs that wait in the queue. */
  queueLength(): Promise<number>
  /** Leaves nothing behind. */
  remove(): Promise<void>
}

/** Says why there is no PostgreSQL or no RabbitMQ, or nothing where both can be used. */
export async function whyAbsent(): Promise<string | undefined> {
  const connections = [
    ['PostgreSQL', () => connectDatabase().then((client) => client.end())],
    ['RabbitMQ', () => amqp.connect(urls.broker, { timeout: 30_000 }).then((one) => one.close())]
  ] as const
  for (const [name, connect] of connections) {
    try {
      await connect()
    } catch (error) {
      return `there is no ${name} to be used here (${(error as NodeJS.ErrnoException).code ?? error})`
    }
  }
  return undefined
}

/** What the bank was run with. */
export interface Versions {
  readonly fastify: string
  readonly postgres: string
  readonly rabbitmq: string
}

export async function versions(): Promise<Versions> {
  const client = await connectDatabase()
  const { rows } = await client.query('SHOW server_version')
  await client.end()
  const connection = await amqp.connect(urls.broker)
  const rabbitmq = String(connection.connection.serverProperties.version)
  await connection.close()
  return {
    fastify: Fastify().version,
    postgres: String(rows[0].server_version).split(' ', 1)[0] ?? '',
    rabbitmq
  }
}

/** A real PostgreSQL and a real RabbitMQ. */
export function services(): Ground {
  const name = `bank_${randomBytes(5).toString('hex')}`
  return {
    isAlone: false,
    env: { DATABASE_URL: urls.database, AMQP_URL: urls.broker, BANK_NAME: name },
    async look(look) {
      const client = await connectDatabase()
      try {
        await client.query(`SET search_path = ${name}`)
        return await look(async (text) => (await client.query(text)).rows)
      } finally {
        await client.end()
      }
    },
    queueLength: () => withChannel(async (channel) => (await channel.checkQueue(name)).messageCount),
    async remove() {
      await this.look((query) => query(`DROP SCHEMA IF EXISTS ${name} CASCADE`))
      await withChannel((channel) => channel.deleteQueue(name))
    }
  }
}

/** What the bank brings along, for one process at a time. */
export function insideTheProcess(): Ground {
  const directory = mkdtempSync(join(tmpdir(), 'bank-'))
  return {
    isAlone: true,
    env: { BANK_DIRECTORY: directory },
    async look(look) {
      const database = await PGlite.create(directory)
      try {
        await database.exec('SET search_path = bank')
        return await look(async (text) => (await database.query<Record<string, unknown>>(text)).rows)
      } finally {
        await database.close()
      }
    },
    queueLength: async () => 0,
    remove: async () => rmSync(directory, { recursive: true })
  }
}

async function connectDatabase(): Promise<pg.Client> {
  const client = new pg.Client({ connectionString: urls.database, connectionTimeoutMillis: 30_000 })
  await client.connect()
  return client
}

async function withChannel<Result>(use: (channel: amqp.Channel) => Promise<Result>): Promise<Result> {
  const connection = await amqp.connect(urls.broker)
  const result = await use(await connection.createChannel())
  await connection.close()
  return result
}
