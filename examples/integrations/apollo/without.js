import { setTimeout as sleep } from 'node:timers/promises'
import { ApolloServer } from '@apollo/server'
import fastifyApollo from '@as-integrations/fastify'
import Fastify from 'fastify'
import lifecycle from 'fastify-lifecycle'

const app = Fastify({ logger: true })
await app.register(lifecycle, { lameDuck: 1_000 })

const apollo = new ApolloServer({
  typeDefs: 'type Query { slow: String }',
  resolvers: { Query: { slow: () => sleep(1_000, 'done') } }
})
await apollo.start()
await app.register(fastifyApollo(apollo))

await app.listen({ port: Number(process.env.PORT ?? 3000) })
