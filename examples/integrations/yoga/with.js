import { setTimeout as sleep } from 'node:timers/promises'
import Fastify from 'fastify'
import lifecycle from 'fastify-lifecycle'
import { createSchema, createYoga } from 'graphql-yoga'

const app = Fastify({ logger: true })
await app.register(lifecycle)

async function* ticks() {
  for (let tick = 0; ; tick++) {
    yield { ticks: tick }
    await sleep(200)
  }
}

const typeDefs = 'type Query { slow: Int } type Subscription { ticks: Int }'
const resolvers = { Query: { slow: () => sleep(1_000, 1) }, Subscription: { ticks: { subscribe: ticks } } }
const yoga = createYoga({ schema: createSchema({ typeDefs, resolvers }), logging: false })

app.route({
  url: yoga.graphqlEndpoint,
  method: ['GET', 'POST', 'OPTIONS'],
  // One route answers queries, which are waited for, and subscriptions, which are ended when the drain begins.
  config: { lifecycle: { longLived: ({ headers }) => headers.accept === 'text/event-stream' } },
  handler: (request, reply) => yoga.handleNodeRequestAndResponse(request, reply)
})

await app.listen({ port: Number(process.env.PORT ?? 3000) })
