import assert from 'node:assert/strict'
import { EventEmitter } from 'node:events'
import type { Socket } from 'node:net'
import { test } from 'node:test'
import type { FastifyInstance } from 'fastify'
import type { Exchange } from '../../../lib/connections/exchange.ts'
import type { Transports } from '../../../lib/connections/transports.ts'
import type { Upgrade } from '../../../lib/connections/websocket.ts'
import { Cuts } from '../../../lib/requests/cut.ts'
import type { Drain } from '../../../lib/requests/drain.ts'
import { channels } from '../../../lib/telemetry/channels.ts'
import { cleanup } from '../../support/cleanup.ts'

/** So many requests that hang, ten a connection, and an upgrade: what is told and ended within `limit` ms. */
async function cut(count: number, limit: number, isWaitingFor = (_exchange: Exchange) => true) {
  const heard = { told: 0, ended: 0, upgrades: 0, lines: [] as string[] }
  const requestOn = (socket: object) =>
    Object.assign(new EventEmitter(), { socket, url: '/', method: 'GET' }).on('close', () => heard.told++)
  const sockets = Array.from({ length: count / 10 }, () => ({}))
  const exchanges = sockets.flatMap((socket) =>
    Array.from({ length: 10 }, () => ({ request: requestOn(socket), since: 0, fate: undefined }))
  ) as unknown as Exchange[]
  const socket = { end: () => heard.upgrades++, resume() {} } as unknown as Socket
  const upgrade = { request: requestOn(socket), socket, since: 0 } as unknown as Upgrade
  const log = { error: (_fields: object, line: string) => heard.lines.push(line) }
  const transports = {
    webSockets: { answered: async () => [upgrade] },
    cut: () => heard.ended++
  } as unknown as Transports
  const drain = { settled: async () => exchanges, isWaitingFor } as unknown as Drain
  const cuts = new Cuts({ log } as unknown as FastifyInstance, transports)
  await cuts.make(drain, exchanges, [upgrade], limit)
  return { ...heard, made: cuts.made, exchanges }
}

test('all are notified and cut, and the oldest are named', async () => {
  const { told, ended, upgrades, made, lines, exchanges } = await cut(100, 60_000)
  assert.deepEqual([told, ended, upgrades, made.count, made.kept.length], [101, 100, 1, 101, 20])
  assert.deepEqual([lines.length, lines.at(-1)], [21, '81 more requests cut: not answered in time'])
  assert.ok(exchanges.every(({ fate }) => fate === 'cut'))
})

test('all are published, those that have no line of their own included', async (t) => {
  const published: string[] = []
  const publish = ({ request: { method } }: { request: { method: string } }) => published.push(method)
  channels.cut.subscribe(publish)
  cleanup(t, () => channels.cut.unsubscribe(publish))
  await cut(100, 60_000)
  assert.deepEqual(published, Array(101).fill('GET'))
})

test('where there is no time to cut them, all count as cut and end with their connections', async () => {
  const { told, ended, upgrades, made, exchanges } = await cut(100, 0)
  assert.deepEqual([told, ended, upgrades, made.count], [0, 0, 0, 101])
  assert.ok(exchanges.every(({ fate }) => fate === 'cut'))
})

test('a request that is answered while others are cut does not count as cut', async () => {
  const { ended, made } = await cut(100, 60_000, ({ request: { socket } }) => socket === undefined)
  assert.deepEqual([ended, made.count], [0, 1])
})
