import Fastify from 'fastify'
import lifecycle from 'fastify-lifecycle'

const app = Fastify()
await app.register(lifecycle, { signals: false })
setInterval(() => console.log('polling'), 60_000)

await app.listen({ port: 0 })
await app.close()

// Does not keep the process alive itself.
setTimeout(() => {
  console.log('closed, and still here because of:', process.getActiveResourcesInfo())
  process.exit()
}, 100).unref()
