/** Something that the bank needs, and can do without if it must. */
export interface Service {
  readonly url: string
  /** Whether it has to be there. If not, and it is not, what the bank brings along takes its place. */
  readonly isRequired: boolean
}

/** What the bank is told by its environment. */
export interface Settings {
  readonly database: Service
  readonly broker: Service
  /** The schema in the database, and the queue in the broker. */
  readonly name: string
  /** Where an embedded database keeps its files. */
  readonly directory: string
  readonly lameDuck: number
  /** For how many ms a job that was taken from the outbox is nobody else's. */
  readonly lease: number
}

export function settingsFrom(env: NodeJS.ProcessEnv): Settings {
  const name = env['BANK_NAME'] ?? 'bank'
  return {
    database: service(env['DATABASE_URL'], 'postgres://postgres:postgres@127.0.0.1:5432/postgres'),
    broker: service(env['AMQP_URL'], 'amqp://guest:guest@127.0.0.1:5672'),
    name,
    directory: env['BANK_DIRECTORY'] ?? `./${name}-data`,
    lameDuck: Number(env['LAME_DUCK'] ?? 500),
    lease: Number(env['OUTBOX_LEASE'] ?? 5_000)
  }
}

/** What the environment names has to be there; what it does not name is taken if it is. */
function service(named: string | undefined, local: string): Service {
  return { url: named ?? local, isRequired: named !== undefined }
}
