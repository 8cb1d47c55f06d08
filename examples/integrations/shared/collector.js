import { once } from 'node:events'
import { createServer } from 'node:http'
import { buffer } from 'node:stream/consumers'
import { gunzipSync } from 'node:zlib'

/** A server to which telemetry is sent. `text` is all that arrived. */
export async function startCollector() {
  const collector = { text: '', url: '' }
  const server = createServer(async (request, response) => {
    const body = await buffer(request)
    collector.text +=
      request.headers['content-encoding'] === 'gzip' ? gunzipSync(body) : body.toString('latin1')
    response.setHeader('content-type', 'application/json')
    response.end('{}')
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  server.unref()
  collector.url = `http://127.0.0.1:${server.address().port}`
  return collector
}

/** Five slow requests are in flight when the signal comes. */
export async function fiveInFlight({ app, shutDown }) {
  const port = await app.listens()
  const answers = Array.from({ length: 5 }, () => fetch(`http://127.0.0.1:${port}/slow`).catch(() => {}))
  await app.wrote('incoming request', 5)
  await shutDown()
  await Promise.all(answers)
}
