/** What the bank is told by its environment. */
export interface Settings {
  /** A PostgreSQL; `undefined`: the local one, or, where there is none, an embedded one. */
  readonly databaseUrl: string | undefined
  /** A RabbitMQ; `undefined`: the local one, or, where there is none, a queue inside the process. */
  readonly amqpUrl: string | undefined
  /** The schema in the database and the queue in the broker. */
  readonly name: string
  /** Where an embedded database keeps its files. */
  readonly directory: string
  readonly lameDuck: number
  /** For how many ms a job that was taken from the outbox is nobody else's. */
  readonly lease: number
}

/** The word that asks for the embedded database, or the queue inside the process, whatever there is. */
export const embedded = 'embedded'

export function settingsFrom(env: NodeJS.ProcessEnv): Settings {
  const name = env['BANK_NAME'] ?? 'bank'
  return {
    databaseUrl: env['DATABASE_URL'],
    amqpUrl: env['AMQP_URL'],
    name,
    directory: env['BANK_DIRECTORY'] ?? `./${name}-data`,
    lameDuck: Number(env['LAME_DUCK'] ?? 500),
    lease: Number(env['OUTBOX_LEASE'] ?? 5_000)
  }
}
