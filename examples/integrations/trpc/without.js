import { setTimeout as sleep } from 'node:timers/promises'
import { initTRPC } from '@trpc/server'
import { fastifyTRPCPlugin } from '@trpc/server/adapters/fastify'
import Fastify from 'fastify'
import lifecycle from 'fastify-lifecycle'

const app = Fastify({ logger: true, routerOptions: { maxParamLength: 5_000 } })
await app.register(lifecycle)

const t = initTRPC.create()
const router = t.router({
  slow: t.procedure.query(() => sleep(1_000, 'done')),
  ticks: t.procedure.subscription(async function* ({ signal }) {
    for (let tick = 0; !signal.aborted; tick++) {
      yield tick
      await sleep(200)
    }
  })
})

await app.register(fastifyTRPCPlugin, { prefix: '/trpc', trpcOptions: { router } })

await app.listen({ port: Number(process.env.PORT ?? 3000) })
