import Fastify from 'fastify'
import lifecycle from 'fastify-lifecycle'

const app = Fastify()
await app.register(lifecycle)
app.onShutdown('db', () => console.log('the database is closed'))

app.get('/drain', async () => {
  const { outcome } = await app.lifecycle.shutdown('preStop')
  return outcome
})

const address = await app.listen({ port: 0, host: '127.0.0.1' })

// As the kubelet does:
const response = await fetch(`${address}/drain`)
console.log(response.status, await response.text())
