import { once } from 'node:events'
import Fastify from 'fastify'
import lifecycle from 'fastify-lifecycle'

const app = Fastify()
await app.register(lifecycle, { lameDuck: 200 })
app.get('/orders', async () => 'orders')

// Takes until the drain, so that it is in flight then.
let finish = () => {}
const isFinished = new Promise<void>((resolve) => {
  finish = resolve
})
app.get('/report', () => isFinished.then(() => 'report'))

const address = await app.listen({ port: 0 })

/** What a client on a new connection gets. */
async function ask(path: string) {
  try {
    const { status, headers } = await fetch(address + path, { headers: { connection: 'close' } })
    return headers.has('retry-after') ? `${status} and Retry-After` : `${status}`
  } catch (error) {
    return ((error as Error).cause as { code: string }).code
  }
}

async function look() {
  const [orders, live, ready] = await Promise.all(['/orders', '/livez', '/readyz'].map(ask))
  console.log(`${app.lifecycle.phase}: GET /orders ${orders}, /livez ${live}, /readyz ${ready}`)
}

app.onShutdown('in the lame duck', { phase: 'lameDuck' }, look)
app.onShutdown('while draining', { phase: 'draining' }, async () => {
  await look()
  finish()
  const { status, headers } = await report
  console.log(`  what was in flight: ${status}, Connection: ${headers.get('connection')}`)
})
app.onShutdown('while closing', look)

await look()
const arrived = once(app.server, 'request')
const report = fetch(`${address}/report`)
await arrived
process.kill(process.pid, 'SIGTERM')
