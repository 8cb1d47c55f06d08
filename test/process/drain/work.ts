import { Wire } from '../../support/client.ts'
import { type Speaker, speak } from '../../support/speakers.ts'
import { drain, holdDrain, type Observation, type RunningApp, type Scenario } from './observe.ts'

// Work that a client does not wait for any more, that does not reach the gate, or that does not end.

const time = { options: { drainTimeout: 200 } }

/** Over HTTP/1, on a wire of its own. */
function onWire(
  name: string,
  expected: Omit<Scenario['expected'], 'exitCode'> & { readonly exitCode?: number },
  setup: Scenario['setup'],
  act: (app: RunningApp, wire: Wire) => Promise<string>
): Scenario {
  return {
    name,
    transport: 'HTTP/1.1',
    fixture: 'work',
    setup,
    expected: { exitCode: 0, ...expected },
    async act(app): Promise<Observation> {
      const wire = new Wire(app.port)
      const response = await act(app, wire)
      const last = performance.now()
      if (wire.socket.destroyed && !wire.hasEnded) return { response, farewell: '–', last }
      return { response, farewell: (await wire.ended) === 'end' ? 'FIN' : 'reset', last }
    }
  }
}

/** Over HTTP/2, by a client of Node.js. */
function onHttp2(
  name: string,
  expected: Scenario['expected'],
  setup: Scenario['setup'],
  act: (app: RunningApp, speaker: Speaker) => Promise<string>
): Scenario {
  return {
    name,
    transport: 'HTTP/2 cleartext',
    fixture: 'work',
    setup: { isHttp2: true, ...setup },
    expected,
    async act(app): Promise<Observation> {
      const speaker = speak('HTTP/2 cleartext', app.port)
      try {
        const response = await act(app, speaker)
        const last = performance.now()
        return { response, farewell: expected.farewell === '–' ? '–' : await speaker.farewell(), last }
      } finally {
        speaker.close()
      }
    }
  }
}

/** What a client can tell of a response that has ended with its connection. */
function seen({ received }: Wire, how: 'end' | 'reset'): string {
  const status = /^HTTP\/1\.\d (\d{3})/.exec(received)?.[1]
  const [head, ...body] = received.split('\r\n\r\n') as [string, ...string[]]
  const length = Number(/content-length: (\d+)/i.exec(head)?.[1])
  const isWhole = /transfer-encoding: chunked/i.test(head)
    ? received.endsWith('\r\n0\r\n\r\n')
    : !(body.join('\r\n\r\n').length < length)
  return `${status}, ${how === 'reset' ? 'cut' : isWhole ? 'whole' : 'cut'}`
}

const cuts: Readonly<Record<string, readonly [ask: string, farewell: string]>> = {
  'response of HTTP/1.0 that never ends': ['GET /partial HTTP/1.0\n\n', 'reset'],
  'response that never ends, and only the connection would end it': [
    'GET /partial-to-the-end HTTP/1.1\nHost: x\n\n',
    'reset'
  ],
  'chunked response that never ends': ['GET /partial HTTP/1.1\nHost: x\n\n', 'FIN'],
  'response with a length that never ends': ['GET /partial-with-length HTTP/1.1\nHost: x\n\n', 'FIN'],
  'compressed response that never ends': [
    'GET /partial-gzip HTTP/1.1\nHost: x\nAccept-Encoding: gzip\n\n',
    'FIN'
  ]
}

/** A client that leaves while the handler of its request is at work. */
function leaving(moment: string, isSignalledFirst: boolean, isHttp2: boolean): Scenario {
  const name = `client that leaves ${moment}`
  const expected = { response: 'the handler is done', farewell: '–', exitCode: 0 }
  const act = async (app: RunningApp, leave: () => void) => {
    await app.message({ arrived: '/work' })
    if (isSignalledFirst) await drain(app)
    leave()
    await app.message({ gone: '/work' })
    if (!isSignalledFirst) await drain(app)
    app.tell('answer')
    await app.message({ done: '/work' })
    return 'the handler is done'
  }
  if (isHttp2)
    return onHttp2(name, expected, {}, (app, speaker) => {
      speaker.request('/work').catch(() => {})
      return act(app, () => speaker.close())
    })
  return onWire(name, expected, {}, (app, wire) => {
    wire.send('GET /work HTTP/1.1\nHost: x\n\n')
    return act(app, () => wire.socket.destroy())
  })
}

export const work: readonly Scenario[] = [
  ...Object.entries(cuts).map(([name, [ask, farewell]]) =>
    onWire(name, { response: '200, cut', farewell, exitCode: 1 }, time, async (app, wire) => {
      wire.send(ask)
      await app.message({ begun: ask.split(' ')[1] })
      await wire.receives('200')
      app.kill('SIGTERM')
      return seen(wire, await wire.ended)
    })
  ),
  onHttp2(
    'response that never ends',
    { response: 'cut', farewell: 'GOAWAY 0, announced', exitCode: 1 },
    time,
    async (app, speaker) => {
      const answer = speaker.request('/partial').then(
        () => 'whole',
        () => 'cut'
      )
      await app.message({ begun: '/partial' })
      app.kill('SIGTERM')
      return answer
    }
  ),
  onWire(
    'too late, answered by an `onRequest` hook',
    { response: '401 by the hook', farewell: 'FIN' },
    { hooks: [holdDrain] },
    async (app, wire) => {
      await drain(app)
      wire.send('GET /hook-answers HTTP/1.1\nHost: x\n\n')
      await wire.receives('by the hook')
      app.tell('release drain')
      return `${seen(wire, 'end').split(',')[0]} by the hook`
    }
  ),
  ...(['/hook-waits', '/express'] as const).map((path) => {
    const [name, response] =
      path === '/express' ? ['an Express app answers', '200'] : ['an `onRequest` hook takes long', '503']
    return onWire(
      `too late, and ${name}`,
      { response: `${response}, whole`, farewell: 'FIN' },
      { hooks: [holdDrain], isExpress: path === '/express' },
      async (app, wire) => {
        await drain(app)
        wire.send(`GET ${path} HTTP/1.1\nHost: x\n\n`)
        await app.message({ arrived: path })
        app.tell('release drain')
        app.tell('answer')
        return seen(wire, await wire.ended)
      }
    )
  }),
  onWire(
    'too late, and an `onRequest` hook never ends',
    { response: 'cut', farewell: 'FIN', exitCode: 1 },
    { ...time, hooks: [holdDrain] },
    async (app, wire) => {
      await drain(app)
      wire.send('GET /hook-waits HTTP/1.1\nHost: x\n\n')
      await app.message({ arrived: '/hook-waits' })
      app.tell('release drain')
      await wire.ended
      return wire.received === '' ? 'cut' : wire.received
    }
  ),
  ...[false, true].flatMap((isHttp2) => [
    leaving('before the signal', false, isHttp2),
    leaving('during the drain', true, isHttp2)
  ]),
  onWire(
    'client that leaves, and the handler never ends',
    { response: 'LIFECYCLE_LEFT', farewell: '–', exitCode: 1 },
    time,
    async (app, wire) => {
      wire.send('GET /work HTTP/1.1\nHost: x\n\n')
      await app.message({ arrived: '/work' })
      wire.socket.destroy()
      await app.message({ gone: '/work' })
      app.kill('SIGTERM')
      await app.logged('LIFECYCLE_LEFT')
      return 'LIFECYCLE_LEFT'
    }
  ),
  onWire(
    'stream that a plugin ends in a `preClose` hook',
    { response: '200, whole', farewell: 'FIN' },
    {},
    async (app, wire) => {
      wire.send('GET /subscription HTTP/1.1\nHost: x\n\n')
      await app.message({ begun: '/subscription' })
      app.kill('SIGTERM')
      return seen(wire, await wire.ended)
    }
  ),
  onHttp2(
    'stream that a plugin ends in a `preClose` hook',
    { response: '200 first, last', farewell: 'GOAWAY 0, announced', exitCode: 0 },
    {},
    async (app, speaker) => {
      const answer = speaker.request('/subscription')
      await app.message({ begun: '/subscription' })
      app.kill('SIGTERM')
      const { status, body } = await answer
      return `${status} ${body}`
    }
  )
]
