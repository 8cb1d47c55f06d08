/** What the service is told by its environment. */
export interface Settings {
  /** A PostgreSQL. Without one the orders are kept in memory, and that is said loudly. */
  readonly databaseUrl: string | undefined
  /** The schema for its table. */
  readonly schema: string
  readonly secret: string
  readonly lameDuck: number
}

export function settingsFrom(env: NodeJS.ProcessEnv): Settings {
  return {
    databaseUrl: env['DATABASE_URL'],
    schema: env['SERVICE_SCHEMA'] ?? 'service',
    secret: env['JWT_SECRET'] ?? 'only for trying it out',
    lameDuck: Number(env['LAME_DUCK'] ?? 1_000)
  }
}
