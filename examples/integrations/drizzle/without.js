import { setTimeout as sleep } from 'node:timers/promises'
import { sql } from 'drizzle-orm'
import { drizzle } from 'drizzle-orm/node-postgres'
import Fastify from 'fastify'
import lifecycle from 'fastify-lifecycle'
import pg from 'pg'

const { PORT = 3000, DATABASE_URL = 'postgres://postgres:postgres@localhost' } = process.env
const app = Fastify({ logger: true })
await app.register(lifecycle)

const pool = new pg.Pool({ connectionString: DATABASE_URL })
// Between queries a connection may break. The pool replaces it, but without a listener that is a crash.
pool.on('error', (error) => app.log.warn(error, 'an idle connection broke'))
const db = drizzle(pool)
process.on('SIGTERM', () => pool.end())

app.get('/slow', async () => {
  await db.execute(sql`SELECT pg_sleep(0.2)`)
  await sleep(800)
  await db.execute(sql`SELECT 1`)
  return 'done'
})

await app.listen({ port: Number(PORT) })
