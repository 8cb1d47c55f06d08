import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { startApp } from '../support/app-process.ts'
import { clockService } from '../support/clock-service.ts'
import { load, withPackages } from '../support/companions.ts'

interface Client {
  now(request: object): Promise<{ readonly value: string }>
  ticks(request: object): AsyncIterable<{ readonly value: string }>
}

const where = await withPackages('@connectrpc/connect-fastify', '@connectrpc/connect-node')

async function clientOf(port: number, isGrpc: boolean): Promise<Client> {
  const { createClient } = await load<{ createClient(service: object, transport: object): Client }>(
    '@connectrpc/connect'
  )
  const transports = await load<Record<string, (options: object) => object>>('@connectrpc/connect-node')
  const baseUrl = `http://127.0.0.1:${port}`
  const transport = isGrpc
    ? transports['createGrpcTransport']?.({ baseUrl })
    : transports['createConnectTransport']?.({ baseUrl, httpVersion: '1.1' })
  return createClient(await clockService(), transport as object)
}

describe('an app with @connectrpc/connect-fastify', where, () => {
  for (const [protocol, isGrpc] of [
    ['Connect over HTTP/1.1', false],
    ['gRPC over HTTP/2', true]
  ] as const) {
    test(`ends its streams when the drain begins, and answers calls in flight, with ${protocol}`, async (t) => {
      const app = await startApp(t, { isHttp2: isGrpc }, { fixture: 'companions/connect' })
      const client = await clientOf(app.port, isGrpc)
      const answer = client.now({})
      await app.message({ arrived: 'now' })
      const ticks: string[] = []
      const stream = async () => {
        for await (const { value } of client.ticks({})) {
          ticks.push(value)
          app.kill('SIGTERM')
        }
      }
      // Before the call is answered: the drain waits for that call alone.
      await assert.rejects(stream, { rawMessage: 'restarting' })
      assert.deepEqual(ticks, ['tick'])
      app.tell('answer')
      assert.equal((await answer).value, 'now')
      assert.equal((await app.exited).code, 0)
      const { outcome, requests, hooks } = app.report
      assert.deepEqual(
        [outcome, requests.completed, requests.cutCount, requests.leftCount],
        ['clean', 2, 0, 0]
      )
      assert.deepEqual(
        hooks.map(({ name, phase }) => [name.split(' ')[0], phase]),
        [['preClose', 'draining']]
      )
    })
  }
})
