import Fastify from 'fastify'
import lifecycle from 'fastify-lifecycle'

const app = Fastify()
await app.register(lifecycle)

// The outbox writes to the database, so it must stop before it, wherever each is registered.
app.onShutdown('outbox', { dependsOn: ['db'] }, () => {})
app.onShutdown('db', () => {})

app.lifecycle.on('hook', ({ name, outcome }) => console.log(`${name} stopped: ${outcome}`))
await app.listen({ port: 0 })
process.kill(process.pid, 'SIGTERM')
