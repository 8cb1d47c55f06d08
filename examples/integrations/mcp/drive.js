import { Client } from '@modelcontextprotocol/sdk/client/index.js'
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js'

/** Five clients, each with its stream open, have called a tool. */
export async function drive({ app, shutDown }) {
  const port = await app.listens()
  const url = new URL(`http://127.0.0.1:${port}/mcp`)
  const reconnectionOptions = { maxRetries: 0 }
  const results = Array.from({ length: 5 }, async () => {
    const client = new Client({ name: 'client', version: '1.0.0' })
    client.onerror = () => {}
    await client.connect(new StreamableHTTPClientTransport(url, { reconnectionOptions }))
    const { content } = await client.callTool({ name: 'slow' })
    return content[0].text === 'done'
  })
  await app.wrote('a tool is called', 5)
  await shutDown()
  const answers = await Promise.all(results.map((result) => result.catch(() => false)))
  return { lost: answers.filter((isDone) => !isDone).length, of: 5 }
}
