import { setTimeout as sleep } from 'node:timers/promises'
import Fastify from 'fastify'
import lifecycle from 'fastify-lifecycle'
import { formatReport } from 'fastify-lifecycle/report'

const app = Fastify()
await app.register(lifecycle, { drainTimeout: 500 })

app.post('/orders', async () => {
  // The answer does not wait for the mail; the drain does.
  app.lifecycle.track(sleep(300), 'mail')
  return { ok: true }
})

// Ends by itself when a shutdown begins: the drain does not have to wait for it.
app.lifecycle.track(async () => {
  while (!app.lifecycle.signal.aborted) await sleep(20)
}, 'poller')

// Takes too long, and is told so 500 ms into the drain.
app.lifecycle.track(async ({ signal }) => {
  await sleep(60_000, undefined, { signal }).catch(() => sleep(60_000))
}, 'reindex')

app.lifecycle.on('report', (report) => console.log(formatReport(report)))
await app.listen({ port: 0 })
await app.inject({ method: 'POST', url: '/orders' })
await app.lifecycle.shutdown()
