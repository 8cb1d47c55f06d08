import { setTimeout as sleep } from 'node:timers/promises'
import { PrismaPg } from '@prisma/adapter-pg'
import Fastify from 'fastify'
import lifecycle from 'fastify-lifecycle'
import { PrismaClient } from './generated/client.ts'

const { PORT = 3000, DATABASE_URL = 'postgres://postgres:postgres@localhost' } = process.env
const app = Fastify({ logger: true })
await app.register(lifecycle)

const prisma = new PrismaClient({ adapter: new PrismaPg({ connectionString: DATABASE_URL }) })
await prisma.$connect()
// It runs when the last request is answered.
app.onShutdown('db', () => prisma.$disconnect())

app.get('/slow', () =>
  prisma.$transaction(async (transaction) => {
    await transaction.$queryRaw`SELECT pg_sleep(0.2)::text`
    await sleep(800)
    await transaction.$queryRaw`SELECT 1`
    return 'done'
  })
)

await app.listen({ port: Number(PORT) })
