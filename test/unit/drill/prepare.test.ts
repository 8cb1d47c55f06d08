import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer, type RequestListener, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { describe, type TestContext, test } from 'node:test'
import { prepare } from '../../../drill/prepare.ts'
import type { DrillSetup } from '../../../drill/setup.ts'
import { Tally } from '../../../drill/tally.ts'

const setup: Partial<DrillSetup> = {
  paths: ['/'],
  request: { method: 'GET', headers: [], body: '' },
  webSocketPaths: [],
  streamPaths: [],
  ready: false,
  live: false,
  isPathGiven: false,
  boot: 60_000
}

async function prepared(
  t: TestContext,
  differences: Partial<DrillSetup>,
  listener: RequestListener,
  giveUp = new AbortController()
): Promise<unknown> {
  const server = createServer(listener).listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.after(() => {
    giveUp.abort()
    server.closeAllConnections()
    server.close()
  })
  const target = { host: '127.0.0.1', port: (server.address() as AddressInfo).port, isSecure: false }
  const whole = { ...setup, ...differences } as DrillSetup
  return prepare({ setup: whole, target, tally: new Tally(), over: giveUp.signal }, giveUp)
}

describe('before the signal, a path', () => {
  const status =
    (code: number): RequestListener =>
    (_, response) =>
      response.writeHead(code).end()

  test('may answer 404, if nobody has named it', async (t) => {
    await prepared(t, {}, status(404))
  })

  const bad: readonly [what: string, differences: Partial<DrillSetup>, RequestListener, says: RegExp][] = [
    [
      'answers 404 and was named',
      { isPathGiven: true },
      status(404),
      /^GET \/ answers 404 before any signal\. Name/
    ],
    [
      'for slow readers answers 404',
      { slowPath: '/big' },
      ({ url }, response) => response.writeHead(url === '/big' ? 404 : 200).end(),
      /^GET \/big answers 404/
    ],
    ['answers 500', {}, status(500), /^GET \/ answers 500 before any signal\. Mend that first/],
    [
      'ends the connection',
      {},
      ({ socket }) => socket.destroy(),
      /^GET \/ was not answered before any signal: lost\.$/
    ],
    [
      'is never answered',
      { boot: 50 },
      () => {},
      /^The app answers, but not every request: .* within 0\.05 s/
    ]
  ]
  for (const [what, differences, listener, message] of bad) {
    test(`that ${what} is an error`, async (t) => {
      await assert.rejects(prepared(t, differences, listener), { message })
    })
  }

  test('of readiness that never says yes is an error that tells the last answer', async (t) => {
    for (const [answer, last] of [
      [(response: ServerResponse) => response.writeHead(503).end(), '503'],
      [(response: ServerResponse) => response.socket?.destroy(), 'lost']
    ] as const) {
      let asked = 0
      const giveUp = new AbortController()
      const listener: RequestListener = ({ url }, response) => {
        if (url !== '/readyz') response.end()
        else if (++asked === 3) giveUp.abort()
        else answer(response)
      }
      await assert.rejects(prepared(t, { ready: '/readyz' }, listener, giveUp), {
        code: 'never-ready',
        message: `The readiness probe /readyz still answers ${last} after 60 s. If that is no probe: --ready none`
      })
    }
  })

  test('that nobody serves any more is an error', async () => {
    const giveUp = new AbortController()
    const target = { host: '127.0.0.1', port: 1, isSecure: false }
    const ground = { setup: setup as DrillSetup, target, tally: new Tally(), over: giveUp.signal }
    await assert.rejects(prepare(ground, giveUp), {
      message: 'GET / was not answered before any signal: refused.'
    })
  })
})
