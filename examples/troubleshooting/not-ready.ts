import Fastify from 'fastify'
import lifecycle from 'fastify-lifecycle'

const app = Fastify()
await app.register(lifecycle, {
  signals: false,
  health: { details: 'errors' },
  checks: {
    db: () => {
      throw new Error('connect ECONNREFUSED 10.0.0.5:5432')
    }
  }
})
const release = app.lifecycle.hold('cache warm-up')

async function show() {
  const { statusCode, body } = await app.inject('/readyz')
  console.log(`status ${statusCode}`, JSON.parse(body))
}

await app.ready()
await show()
release()
await show()
await app.close()
