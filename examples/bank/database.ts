import postgres from '@fastify/postgres'
import type { FastifyInstance } from 'fastify'
import pg from 'pg'
import type { Service, Settings } from './settings.ts'

/** Registers the pool as `app.pg`, and makes the tables where they are missing. */
export async function openDatabase(
  app: FastifyInstance,
  { database, name, directory }: Settings
): Promise<void> {
  if (await isThere(app, database)) {
    const options = `-c search_path=${name}`
    await app.register(postgres, { connectionString: database.url, options, max: 8 })
  } else {
    const { openEmbedded } = await import('./embedded-database.ts')
    await app.register(postgres, await openEmbedded(app, directory, name))
  }
  // Between queries a connection may break, and the pool replaces it; nobody else would listen.
  app.pg.pool.on('error', (error) => app.log.warn(error, 'an idle connection to the database broke'))
  await app.pg.query(tables(name))
}

/** Whether the real one can be used. */
async function isThere(app: FastifyInstance, { url, isRequired }: Service): Promise<boolean> {
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 2_000 })
  try {
    await client.connect()
    await client.end()
    return true
  } catch (error) {
    if (isRequired) throw error
    app.log.warn(`there is no PostgreSQL here (${reasonOf(error)}): running on an embedded one`)
    return false
  }
}

/** One address after another was refused: then the error itself says nothing. */
export function reasonOf(error: unknown): string {
  const { message, code } = error as Error & { code?: string }
  return message || code || String(error)
}

function tables(name: string): string {
  // Several instances may start at once, and IF NOT EXISTS does not wait for another's transaction.
  return `
    BEGIN;
    SELECT pg_advisory_xact_lock(hashtext('${name}'));
    CREATE SCHEMA IF NOT EXISTS ${name};
    CREATE TABLE IF NOT EXISTS accounts (
      id integer PRIMARY KEY,
      balance bigint NOT NULL CHECK (balance >= 0)
    );
    CREATE TABLE IF NOT EXISTS transfers (
      id uuid PRIMARY KEY,
      payer integer NOT NULL REFERENCES accounts,
      payee integer NOT NULL REFERENCES accounts,
      amount bigint NOT NULL CHECK (amount > 0)
    );
    -- What has to be told to the queue. It is written with the transfer, and goes when the queue has it.
    CREATE TABLE IF NOT EXISTS outbox (
      position bigserial PRIMARY KEY,
      transfer uuid NOT NULL,
      taken_until timestamptz NOT NULL DEFAULT '-infinity'
    );
    -- The jobs that were done, and what they did: no job may count twice.
    CREATE TABLE IF NOT EXISTS done (transfer uuid PRIMARY KEY);
    CREATE TABLE IF NOT EXISTS statements (
      account integer PRIMARY KEY,
      entries integer NOT NULL,
      received bigint NOT NULL
    );
    INSERT INTO accounts SELECT id, 1000 FROM generate_series(1, 20) AS id ON CONFLICT DO NOTHING;
    COMMIT`
}
