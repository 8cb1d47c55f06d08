import { makeWorkerUtils } from 'graphile-worker'
import pg from 'pg'

const connectionString = process.env.DATABASE_URL ?? 'postgres://postgres:postgres@localhost'

/** A job that is still locked when its worker has gone was cut, and runs again after four hours. */
export async function drive({ app, shutDown, name }) {
  await app.listens()
  const schema = name.replaceAll('-', '_')
  const client = new pg.Client({ connectionString })
  await client.connect()
  const utils = await makeWorkerUtils({ connectionString, schema })
  for (let id = 0; id < 10; id++) await utils.addJob('charge', { id })
  await app.wrote(' begins', 5)
  await shutDown()
  const locked = `select count(*)::int as lost from ${schema}._private_jobs where locked_at is not null`
  const { rows } = await client.query(locked)
  await utils.release()
  await client.query(`drop schema ${schema} cascade`)
  await client.end()
  return { lost: rows[0].lost, of: 5 }
}
