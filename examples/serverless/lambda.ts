import awsLambdaFastify, { type LambdaResponse, type PromiseHandler } from '@fastify/aws-lambda'
import Fastify from 'fastify'
import lifecycle from 'fastify-lifecycle'

const app = Fastify({ logger: true })

await app.register(lifecycle, {
  deadline: Number(process.env['SHUTDOWN_MS'] ?? 280), // Lambda kills after 300 ms, or 500 ms
  hardKill: false, // Lambda kills anyway, and a thread would be ready too late
  health: false //    nobody probes
})

app.onShutdown('metrics', ({ log }) => log.info('the last metrics are sent'))

app.get('/', async () => ({ hello: 'lambda' }))

export const handler: PromiseHandler<unknown, LambdaResponse> = awsLambdaFastify(app)
await app.ready()
