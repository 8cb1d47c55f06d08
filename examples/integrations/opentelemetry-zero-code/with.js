import { setTimeout as sleep } from 'node:timers/promises'
import Fastify from 'fastify'
import lifecycle from 'fastify-lifecycle'

// What was loaded with --import shuts the SDK down at SIGTERM. Take its listener before this plugin adds its own.
const listeners = process.listeners('SIGTERM')
process.removeAllListeners('SIGTERM')

const app = Fastify({ logger: true })
await app.register(lifecycle)
// Registered before every other hook, so it runs after them, and their spans are sent too.
app.onShutdown('telemetry', () => Promise.all(listeners.map((shutDown) => shutDown('SIGTERM'))))

app.get('/slow', () => sleep(1_000, 'done'))

await app.listen({ port: Number(process.env.PORT ?? 3000) })
