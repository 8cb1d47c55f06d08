import assert from 'node:assert/strict'
import { once } from 'node:events'
import { text } from 'node:stream/consumers'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { killGroup, startNode } from '../support/children.ts'
import { request } from '../support/client.ts'

// What other processes can do on Windows, on whatever system this runs.

test('a message shuts the process down where there are no signals: the request in flight is answered, the exit code is 0', async (t) => {
  const server = fileURLToPath(new URL('../../examples/windows/server.js', import.meta.url))
  const child = startNode(server, [], {
    env: { ...process.env, PORT: '0', KUBERNETES_SERVICE_HOST: '' },
    stdio: ['ignore', 'pipe', 'inherit', 'ipc']
  })
  t.after(() => killGroup(child))
  const exited = once(child, 'exit')
  const stdout = child.stdout as NonNullable<typeof child.stdout>
  const output = text(stdout)
  const line = (pattern: RegExp) =>
    new Promise<string>((resolve) => {
      let printed = ''
      stdout.on('data', (chunk) => {
        printed += chunk
        const found = pattern.exec(printed)
        if (found !== null) resolve(found[1] as string)
      })
    })
  const port = Number(await line(/Server listening at http:\/\/[^"]*:(\d+)/))
  const arrived = line(/(incoming request)/)
  const slow = request(port, '/slow', { host: 'localhost' })
  await arrived
  child.send('shutdown')
  assert.equal((await slow).status, 200)
  assert.deepEqual(await exited, [0, null])
  assert.match(
    await output,
    /shutting down because of lifecycle\.shutdown\(\): told by a message.*shutdown clean/s
  )
})
