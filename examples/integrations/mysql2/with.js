import { setTimeout as sleep } from 'node:timers/promises'
import Fastify from 'fastify'
import lifecycle from 'fastify-lifecycle'
import mysql from 'mysql2/promise'

const { PORT = 3000, DATABASE_URL = 'mysql://root@127.0.0.1/test' } = process.env
const app = Fastify({ logger: true })
await app.register(lifecycle)

const pool = mysql.createPool(DATABASE_URL)
// It runs when the last request is answered.
app.onShutdown('db', () => pool.end())

app.get('/slow', async () => {
  await pool.query('SELECT SLEEP(0.2)')
  await sleep(800)
  await pool.query('SELECT 1')
  return 'done'
})

await app.listen({ port: Number(PORT) })
