import amqp from 'amqplib'
import pg from 'pg'

// The PostgreSQL and the RabbitMQ that the bank runs on, as its tests see them.

const urls = {
  databaseUrl: process.env['DATABASE_URL'] ?? 'postgres://postgres:postgres@127.0.0.1:5432/postgres',
  amqpUrl: process.env['AMQP_URL'] ?? 'amqp://guest:guest@127.0.0.1:5672'
}

/** Says why they cannot be used, or nothing. */
export async function whyAbsent(): Promise<string | undefined> {
  const connections = [
    ['PostgreSQL', () => connectDatabase().then((client) => client.end())],
    ['RabbitMQ', () => amqp.connect(urls.amqpUrl, { timeout: 2_000 }).then((one) => one.close())]
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

/** What the bank must be told to use them under a name of its own. */
export function environmentFor(name: string): NodeJS.ProcessEnv {
  return { DATABASE_URL: urls.databaseUrl, AMQP_URL: urls.amqpUrl, BANK_NAME: name }
}

/** Rows of an answer. */
export type Query = (text: string) => Promise<Record<string, unknown>[]>

/** Looks into the bank's schema. */
export async function withDatabase<Result>(
  name: string,
  look: (query: Query) => Promise<Result>
): Promise<Result> {
  const client = await connectDatabase()
  try {
    await client.query(`SET search_path = ${name}`)
    return await look(async (text) => (await client.query(text)).rows)
  } finally {
    await client.end()
  }
}

/** The number of messages that wait in the bank's queue. */
export async function queueLength(name: string): Promise<number> {
  const connection = await amqp.connect(urls.amqpUrl)
  const channel = await connection.createChannel()
  const { messageCount } = await channel.checkQueue(name)
  await connection.close()
  return messageCount
}

/** Leaves nothing of the bank behind. */
export async function removeAll(name: string): Promise<void> {
  await withDatabase(name, (query) => query(`DROP SCHEMA IF EXISTS ${name} CASCADE`))
  const connection = await amqp.connect(urls.amqpUrl)
  await (await connection.createChannel()).deleteQueue(name)
  await connection.close()
}

async function connectDatabase(): Promise<pg.Client> {
  const client = new pg.Client({ connectionString: urls.databaseUrl, connectionTimeoutMillis: 2_000 })
  await client.connect()
  return client
}
