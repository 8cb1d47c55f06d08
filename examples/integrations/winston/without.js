import Fastify from 'fastify'
import lifecycle from 'fastify-lifecycle'
import winston from 'winston'

const logger = winston.createLogger({ transports: [new winston.transports.Console()] })

const app = Fastify()
await app.register(lifecycle)

app.get('/', () => 'hello')
const address = await app.listen({ port: Number(process.env.PORT ?? 3000) })
logger.info(`Server listening at ${address}`)
