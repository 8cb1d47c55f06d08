import pg from 'pg'
import { PgBoss } from 'pg-boss'

const connectionString = process.env.DATABASE_URL ?? 'postgres://postgres:postgres@localhost'

/** A job that is still active when its worker has gone was cut, and runs again when it expires. */
export async function drive({ app, shutDown, name }) {
  await app.listens()
  const schema = name.replaceAll('-', '_')
  const client = new pg.Client({ connectionString })
  await client.connect()
  const boss = new PgBoss({ connectionString, schema, supervise: false, schedule: false })
  await boss.start()
  for (let id = 0; id < 10; id++) await boss.send(name, { id })
  await app.wrote(' begins', 5)
  await shutDown()
  const { rows } = await client.query(
    `select count(*)::int as lost from ${schema}.job where state = 'active'`
  )
  await boss.stop({ graceful: false })
  await client.query(`drop schema ${schema} cascade`)
  await client.end()
  return { lost: rows[0].lost, of: 5 }
}
