import { DatabaseSync } from 'node:sqlite'
import { setTimeout as sleep } from 'node:timers/promises'
import Fastify from 'fastify'
import lifecycle from 'fastify-lifecycle'

const { PORT = 3000, FILE = ':memory:' } = process.env
const app = Fastify({ logger: true })
await app.register(lifecycle)

const db = new DatabaseSync(FILE)
db.exec('CREATE TABLE IF NOT EXISTS orders (id INTEGER PRIMARY KEY)')
process.on('SIGTERM', () => db.close())

app.get('/slow', async () => {
  db.exec('INSERT INTO orders DEFAULT VALUES')
  await sleep(1_000)
  db.prepare('SELECT count(*) AS orders FROM orders').get()
  return 'done'
})

await app.listen({ port: Number(PORT) })
