import { setTimeout as sleep } from 'node:timers/promises'
import Fastify from 'fastify'
import lifecycle from 'fastify-lifecycle'

// One line a log line: its level, its text, and the code that machines go by.
const stream = {
  write(line: string) {
    const { level, msg, code = '' } = JSON.parse(line)
    console.log(`${level}  ${code.padEnd(16)}  ${msg}`)
  }
}
const app = Fastify({ logger: { stream } })
await app.register(lifecycle)

app.onShutdown('db', () => sleep(80))
app.onShutdown('outbox', { timeout: 300 }, () => new Promise(() => {}))

await app.listen({ port: 0, host: '127.0.0.1' })
process.kill(process.pid, 'SIGTERM')
