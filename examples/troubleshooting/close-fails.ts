import Fastify from 'fastify'
import lifecycle from 'fastify-lifecycle'
import { formatReport } from 'fastify-lifecycle/report'

const app = Fastify()
await app.register(lifecycle)
app.addHook('onClose', async () => {
  throw new Error('the pool was closed already')
})

app.lifecycle.on('report', (report) => console.log(formatReport(report)))
await app.listen({ port: 0 })
process.kill(process.pid, 'SIGTERM')
