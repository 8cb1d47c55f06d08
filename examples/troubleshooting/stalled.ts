import { setTimeout as sleep } from 'node:timers/promises'
import Fastify from 'fastify'
import lifecycle from 'fastify-lifecycle'

const app = Fastify({ logger: true })
await app.register(lifecycle, { hardKill: { stall: 1_000 } })

function matchEverything() {
  return /^(\w+\s?)*$/.test(`${'word '.repeat(30)}!`)
}

await app.listen({ port: 0 })
await sleep(100)
setImmediate(() => process.kill(process.pid, 'SIGTERM'))
matchEverything()
