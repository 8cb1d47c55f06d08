import { Late } from '../../support/in-time.ts'
import { type Speaker, speak, spoken } from '../../support/speakers.ts'
import { drain, holdDrain, type Observation, type RunningApp, type Scenario } from './observe.ts'

// What must be the same on every transport.

const farewells = { http1: 'FIN', http2: 'GOAWAY 0, announced' }

interface Common {
  readonly name: string
  readonly setup?: Scenario['setup']
  readonly response: string
  readonly exitCode?: number
  readonly farewell?: { readonly http1: string; readonly http2: string }
  /** Only with HTTP/1: a client that was sent GOAWAY opens no stream on that connection. */
  readonly http1Only?: boolean
  act(app: RunningApp, speaker: Speaker): Promise<Observation>
}

const handOver = { options: { handOver: true }, hooks: [holdDrain] }

async function end(speaker: Speaker, response: string, last: number): Promise<Observation> {
  return { response, farewell: await speaker.farewell(), last }
}

const common: readonly Common[] = [
  {
    name: 'in flight',
    response: '200 held',
    async act(app, speaker) {
      const answer = speaker.request('/held')
      await app.message({ arrived: '/held' })
      await drain(app)
      app.tell('answer')
      const { status, body, at } = await answer
      return end(speaker, `${status} ${body}`, at)
    }
  },
  {
    name: 'headers sent, body streaming',
    response: '200 first, last',
    async act(app, speaker) {
      const answer = speaker.request('/streamed')
      await app.message({ arrived: '/streamed' })
      await drain(app)
      app.tell('answer')
      const { status, body, at } = await answer
      return end(speaker, `${status} ${body}`, at)
    }
  },
  {
    name: 'idle connection',
    response: '200 ok',
    farewell: { http1: 'FIN', http2: 'GOAWAY 0' },
    async act(app, speaker) {
      const { status, body } = await speaker.request('/')
      const last = performance.now()
      app.kill('SIGTERM')
      return end(speaker, `${status} ${body}`, last)
    }
  },
  {
    name: 'idle connection that becomes busy as the drain begins',
    http1Only: true,
    setup: { hooks: [holdDrain] },
    response: '503 FST_LIFECYCLE_DRAINING',
    async act(app, speaker) {
      await speaker.request('/')
      await drain(app)
      const { status, body, at } = await speaker.request('/')
      app.tell('release drain')
      return end(speaker, `${status} ${JSON.parse(body).code}`, at)
    }
  },
  {
    name: 'new connection during the drain',
    setup: { hooks: [holdDrain] },
    response: '503 FST_LIFECYCLE_DRAINING',
    async act(app, speaker) {
      await drain(app)
      const { status, body, at } = await speaker.request('/')
      app.tell('release drain')
      return end(speaker, `${status} ${JSON.parse(body).code}`, at)
    }
  },
  {
    name: 'slow upload that began before the drain',
    response: '200 got 10',
    async act(app, speaker) {
      let finish: (rest: string) => void = () => {}
      const rest = new Promise<string>((resolve) => {
        finish = resolve
      })
      const answer = speaker.request('/upload', { first: '01234', rest })
      await app.message({ arrived: '/upload' })
      await drain(app)
      finish('56789')
      const { status, body, at } = await answer
      return end(speaker, `${status} ${body}`, at)
    }
  },
  {
    name: 'large response, read slowly',
    response: '200 8388608 bytes',
    async act(app, speaker) {
      let read: () => void = () => {}
      const readAfter = new Promise<void>((resolve) => {
        read = resolve
      })
      const answer = speaker.request('/big', { readAfter })
      await app.message({ arrived: '/big' })
      await drain(app)
      read()
      const { status, body, at } = await answer
      return end(speaker, `${status} ${body.length} bytes`, at)
    }
  },
  {
    name: 'handler that never answers',
    setup: { options: { drainTimeout: 200 } },
    response: 'cut',
    exitCode: 1,
    async act(app, speaker) {
      const answer = speaker.request('/hung')
      const failed = answer.then(
        () => 'answered',
        () => 'cut'
      )
      await app.message({ arrived: '/hung' })
      app.kill('SIGTERM')
      const response = await failed
      const last = performance.now()
      return end(speaker, response, last)
    }
  },
  {
    name: 'upload that never ends',
    setup: { options: { drainTimeout: 200 } },
    response: 'cut',
    exitCode: 1,
    async act(app, speaker) {
      const answer = speaker.request('/upload', { first: '01234', rest: new Promise(() => {}) })
      const failed = answer.then(
        () => 'answered',
        () => 'cut'
      )
      await app.message({ arrived: '/upload' })
      app.kill('SIGTERM')
      const response = await failed
      return end(speaker, response, performance.now())
    }
  },
  {
    name: 'handler that answers when its time is up',
    setup: { options: { drainTimeout: 200 } },
    response: '200 aborted, but answered',
    async act(app, speaker) {
      const answer = speaker.request('/aborted').catch(() => {
        // The handler has a moment to answer in, 100 ms; then the request is cut.
        throw new Late('the answer')
      })
      await app.message({ arrived: '/aborted' })
      app.kill('SIGTERM')
      const { status, body, at } = await answer
      return end(speaker, `${status} ${body}`, at)
    }
  },
  {
    name: '`handOver`: in flight',
    setup: handOver,
    response: '200 held',
    async act(app, speaker) {
      const answer = speaker.request('/held')
      await app.message({ arrived: '/held' })
      await drain(app)
      app.tell('answer')
      app.tell('release drain')
      const { status, body, at } = await answer
      return end(speaker, `${status} ${body}`, at)
    }
  },
  {
    name: '`handOver`: idle connection',
    setup: { options: { handOver: true } },
    response: '200 ok',
    farewell: { http1: 'FIN', http2: 'GOAWAY 0' },
    async act(app, speaker) {
      const { status, body } = await speaker.request('/')
      const last = performance.now()
      app.kill('SIGTERM')
      return end(speaker, `${status} ${body}`, last)
    }
  },
  {
    name: '`handOver`: idle connection that becomes busy in the drain',
    http1Only: true,
    setup: handOver,
    response: '200 ok',
    async act(app, speaker) {
      await speaker.request('/')
      await drain(app)
      const { status, body, at } = await speaker.request('/')
      app.tell('release drain')
      return end(speaker, `${status} ${body}`, at)
    }
  },
  {
    name: '`handOver`: new connection during the drain',
    http1Only: true,
    setup: handOver,
    response: 'ECONNREFUSED',
    farewell: { http1: '–', http2: '' },
    async act(app, speaker) {
      await drain(app)
      const response = await speaker.request('/').then(
        ({ status }) => String(status),
        ({ code }) => code
      )
      app.tell('release drain')
      return { response, farewell: '–', last: performance.now() }
    }
  }
]

export const everyTransport: readonly Scenario[] = spoken.flatMap(
  ({ name: transport, transport: kind, isHttp2 }) =>
    common
      .filter(({ http1Only = false }) => !(http1Only && isHttp2))
      .map(({ name, setup = {}, response, exitCode = 0, farewell = farewells, act }) => ({
        name,
        transport,
        setup: { transport: kind, ...setup },
        expected: { response, farewell: farewell[isHttp2 ? 'http2' : 'http1'], exitCode },
        async act(app: RunningApp) {
          const speaker = speak(transport, app.port)
          try {
            return await act(app, speaker)
          } finally {
            speaker.close()
          }
        }
      }))
)
