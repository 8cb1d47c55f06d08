import { randomUUID } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { McpServer } from '@modelcontextprotocol/sdk/server/mcp.js'
import { StreamableHTTPServerTransport } from '@modelcontextprotocol/sdk/server/streamableHttp.js'
import Fastify from 'fastify'
import lifecycle from 'fastify-lifecycle'

const app = Fastify({ logger: true })
await app.register(lifecycle)

const sessions = new Map()

async function open() {
  const server = new McpServer({ name: 'orders', version: '1.0.0' })
  server.registerTool('slow', { description: 'takes a second' }, async () => {
    app.log.info('a tool is called')
    await sleep(1_000)
    return { content: [{ type: 'text', text: 'done' }] }
  })
  const transport = new StreamableHTTPServerTransport({
    sessionIdGenerator: randomUUID,
    onsessioninitialized: (id) => void sessions.set(id, transport)
  })
  await server.connect(transport)
  return transport
}

app.route({
  url: '/mcp',
  method: ['GET', 'POST', 'DELETE'],
  handler: async (request, reply) => {
    const transport = sessions.get(request.headers['mcp-session-id']) ?? (await open())
    reply.hijack()
    await transport.handleRequest(request.raw, reply.raw, request.body)
  }
})

await app.listen({ port: Number(process.env.PORT ?? 3000) })
