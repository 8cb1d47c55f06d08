import assert from 'node:assert/strict'
import { once } from 'node:events'
import http2 from 'node:http2'
import { Readable } from 'node:stream'
import { describe, type TestContext, test } from 'node:test'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type { LifecycleOptions, Report } from '../../../index.ts'
import { lifeOf } from '../../../testing/app.ts'
import { cleanup } from '../../support/cleanup.ts'
import { Wire } from '../../support/client.ts'
import { latch, makeApp, phaseOf, portOf } from '../../support/in-process.ts'

// A client that leaves ends its connection, not the work that it has asked for.

/** Asks for a path, and leaves. */
interface Client {
  readonly requests: number
  ask(t: TestContext, app: FastifyInstance, path: string): () => void
}

const transports: Readonly<Record<string, { readonly server: object; readonly client: Client }>> = {
  'HTTP/1.1': {
    server: {},
    client: {
      requests: 1,
      ask(t, app, path) {
        const wire = new Wire(portOf(app))
        cleanup(t, () => wire.socket.destroy())
        wire.send(`GET ${path} HTTP/1.1\nHost: x\n\n`)
        return () => wire.socket.destroy()
      }
    }
  },
  'HTTP/1.1, pipelined': {
    server: {},
    client: {
      requests: 2,
      ask(t, app, path) {
        const wire = new Wire(portOf(app))
        cleanup(t, () => wire.socket.destroy())
        wire.send(`GET ${path} HTTP/1.1\nHost: x\n\n`.repeat(2))
        return () => wire.socket.destroy()
      }
    }
  },
  'HTTP/2': {
    server: { http2: true },
    client: {
      requests: 1,
      ask(t, app, path) {
        const session = http2.connect(`http://127.0.0.1:${portOf(app)}`).on('error', () => {})
        cleanup(t, () => session.destroy())
        const stream = session.request({ ':path': path }).on('error', () => {})
        return () => stream.close(http2.constants.NGHTTP2_CANCEL)
      }
    }
  },
  'HTTP/2, its whole session': {
    server: { http2: true },
    client: {
      requests: 1,
      ask(t, app, path) {
        const session = http2.connect(`http://127.0.0.1:${portOf(app)}`).on('error', () => {})
        cleanup(t, () => session.destroy())
        session.request({ ':path': path }).on('error', () => {})
        return () => session.destroy()
      }
    }
  }
}

/** The work of a handler, which ends when the test says so. */
interface Work {
  readonly request: FastifyRequest
  readonly reply: FastifyReply
  readonly done: Promise<void>
}

const handlers: Readonly<Record<string, (work: Work) => unknown>> = {
  'returns nothing': async ({ done }) => {
    await done
  },
  'returns a value': async ({ done }) => {
    await done
    return { the: 'value' }
  },
  throws: async ({ done }) => {
    await done
    throw new Error('too late')
  },
  'sends later, and returns nothing': ({ reply, done }) => {
    void done.then(() => reply.send('sent'))
  },
  'sends later, and returns the reply': async ({ reply, done }) => {
    void done.then(() => reply.send('sent'))
    return reply
  },
  'sends later, and awaits the reply': async ({ reply, done }) => {
    void done.then(() => reply.send('sent'))
    await reply
  },
  'sends, and works on': async ({ reply, done }) => {
    await done
    reply.send('sent')
    await new Promise((resolve) => setImmediate(resolve))
  },
  'returns a stream': async ({ done }) => {
    await done
    return Readable.from(['a', 'b'])
  },
  'returns a web stream': async ({ done }) => {
    await done
    return new ReadableStream({
      start(controller) {
        controller.enqueue(new TextEncoder().encode('a'))
        controller.close()
      }
    })
  },
  'returns a Response': async ({ done }) => {
    await done
    return new Response('a')
  },
  redirects: async ({ reply, done }) => {
    await done
    return reply.redirect('/elsewhere')
  },
  'calls the 404': async ({ reply, done }) => {
    await done
    return reply.callNotFound()
  },
  'hijacks late, and answers by hand': async ({ reply, done }) => {
    await done
    reply.hijack()
    reply.raw.end('mine')
  },
  'writes by hand, without Fastify': ({ reply, done }) => {
    void done.then(() => {
      reply.raw.write('by ')
      reply.raw.end('hand')
    })
  },
  'ends when `request.signal` aborts': async ({ request, done }) => {
    const { signal } = request as { signal?: AbortSignal }
    if (signal !== undefined && !signal.aborted) await once(signal, 'abort')
    await done
  }
}

interface Scene {
  readonly server?: object
  readonly options?: LifecycleOptions
  readonly client: Client
  readonly isBefore: boolean
  readonly add: (app: FastifyInstance, work: (request: FastifyRequest, reply: FastifyReply) => Work) => void
}

/** An app whose client leaves before the shutdown or in the drain, and what the drain found in the end. */
async function left(t: TestContext, { server = {}, options = {}, client, isBefore, add }: Scene) {
  const lines: { code?: string; level: number }[] = []
  const stream = { write: (line: string) => lines.push(JSON.parse(line)) }
  const app = await makeApp(t, options, { ...server, logger: { stream } })
  const [asked, gone, done] = [latch(), latch(), latch()]
  cleanup(t, done.open)
  let [count, closed] = [0, 0]
  const isDone = { before: false, atTheStop: false }
  void done.opened.then(() => {
    isDone.before = true
  })
  add(app, (request, reply) => {
    if (++count === client.requests) asked.open()
    const { raw } = reply
    raw.once('close', () => {
      if (++closed === client.requests) gone.open()
    })
    // What is pipelined behind it gets no connection, and no `close`.
    if (raw.socket === null && request.raw.httpVersionMajor === 1) closed++
    return { request, reply, done: done.opened }
  })
  const { stop } = lifeOf(app).traffic
  const politely = stop.politely.bind(stop)
  stop.politely = (limit) => {
    isDone.atTheStop = isDone.before
    return politely(limit)
  }
  await app.listen({ port: 0, host: '127.0.0.1' })
  const leave = client.ask(t, app, '/')
  await asked.opened
  const over = isBefore ? undefined : app.close()
  if (!isBefore) await phaseOf(app, 'draining')
  leave()
  await gone.opened
  // A drain that does not wait would have ended in a few turns of the event loop.
  const turns = async () => {
    for (let turn = 0; turn < 20; turn++) await new Promise((resolve) => setImmediate(resolve))
  }
  await turns()
  const { inFlight } = app.lifecycle
  const ended = over ?? app.close()
  await turns()
  return {
    ...{ app, inFlight, lines, isDone },
    /** Lets the handler end, and resolves with the report of the end. */
    async finish(): Promise<Report> {
      done.open()
      await ended
      return app.lifecycle.report as Report
    }
  }
}

const moments = { 'before the shutdown': true, 'in the drain': false }

for (const [transport, { server, client }] of Object.entries(transports)) {
  for (const [moment, isBefore] of Object.entries(moments)) {
    describe(`a client that leaves ${moment}, with ${transport}`, () => {
      for (const [what, handle] of Object.entries(handlers)) {
        test(`is in flight until its handler is done, which ${what}`, async (t) => {
          const { app, inFlight, isDone, finish } = await left(t, {
            ...{ server, client, isBefore },
            add: (app, begin) => app.get('/', (request, reply) => handle(begin(request, reply)))
          })
          assert.equal(inFlight, client.requests)
          assert.equal(app.lifecycle.phase, 'draining')
          const { requests, outcome } = await finish()
          assert.equal(isDone.atTheStop, true)
          assert.equal(app.lifecycle.inFlight, 0)
          assert.deepEqual(requests, {
            ...{ inFlight: client.requests, completed: 0, rejected: 0, aborted: client.requests },
            ...{ cut: [], cutCount: 0, left: [], leftCount: 0 }
          })
          assert.equal(outcome, 'clean')
        })
      }

      test('is in flight until its error handler is done, although that sends nothing', async (t) => {
        const { inFlight, isDone, finish } = await left(t, {
          ...{ server, client, isBefore },
          add(app, begin) {
            app.setErrorHandler(async (_error, request, reply) => {
              await begin(request, reply).done
            })
            app.get('/', async () => {
              throw new Error('at once')
            })
          }
        })
        assert.equal(inFlight, client.requests)
        const { requests, outcome } = await finish()
        assert.equal(isDone.atTheStop, true)
        assert.deepEqual([requests.aborted, requests.left, outcome], [client.requests, [], 'clean'])
      })

      const hooks: Readonly<Record<string, (work: Work) => Promise<unknown>>> = {
        'goes on': async ({ done }) => {
          await done
        },
        answers: async ({ reply, done }) => {
          await done
          return reply.code(401).send('who are you?')
        },
        throws: async ({ done }) => {
          await done
          throw new Error('no')
        }
      }
      for (const name of ['onRequest', 'preParsing', 'preValidation', 'preHandler'] as const) {
        for (const [what, hook] of Object.entries(hooks)) {
          test(`is in flight while its ${name} hook is at work, which then ${what}`, async (t) => {
            let handled = 0
            const { inFlight, isDone, finish } = await left(t, {
              ...{ server, client, isBefore },
              add(app, begin) {
                app.addHook(name as 'onRequest', async (request, reply) => hook(begin(request, reply)))
                app.get('/', async () => {
                  handled++
                })
              }
            })
            assert.equal(inFlight, client.requests)
            const { requests, outcome } = await finish()
            assert.equal(isDone.atTheStop, true)
            assert.deepEqual([requests.aborted, requests.left, outcome], [client.requests, [], 'clean'])
            assert.equal(handled, what === 'goes on' ? client.requests : 0)
          })
        }
      }

      const webStream = () =>
        new ReadableStream({
          start(controller) {
            controller.enqueue(new TextEncoder().encode('a'))
            controller.close()
          }
        })
      const payloads: Readonly<Record<string, readonly [sent: () => unknown, changed?: () => unknown]>> = {
        'a text': [() => 'text'],
        'a stream': [() => Readable.from(['a', 'b'])],
        'a web stream': [webStream],
        'a web stream that has no end': [() => new ReadableStream()],
        'a Response': [() => new Response('a')],
        'a text, which the hook makes a web stream of': [() => 'text', webStream]
      }
      for (const [what, [sent, changed]] of Object.entries(payloads)) {
        test(`is in flight while an onSend hook is at work on what was sent: ${what}`, async (t) => {
          const { inFlight, isDone, finish } = await left(t, {
            ...{ server, client, isBefore },
            add(app, begin) {
              app.addHook('onSend', async (request, reply, payload) => {
                await begin(request, reply).done
                return changed === undefined ? payload : changed()
              })
              app.get('/', async () => sent())
            }
          })
          assert.equal(inFlight, client.requests)
          const { requests, outcome } = await finish()
          assert.equal(isDone.atTheStop, true)
          assert.deepEqual([requests.aborted, requests.left, outcome], [client.requests, [], 'clean'])
        })
      }

      test('is left at `drainTimeout` where its handler hangs: named, logged, and not clean', async (t) => {
        const { lines, finish } = await left(t, {
          ...{ server, client, isBefore, options: { drainTimeout: 50 } },
          add: (app, begin) =>
            app.get('/', (request, reply) => {
              // The work is reachable from somewhere, as work that can go on is.
              const { done } = begin(request, reply)
              return new Promise((resolve) => Object.assign(app.server, { resolve: [resolve, done] }))
            })
        })
        while (!lines.some(({ code }) => code === 'LIFECYCLE_REPORT')) {
          await new Promise((resolve) => setImmediate(resolve))
        }
        const { requests, outcome, exitCode } = await finish()
        assert.deepEqual(
          requests.left.map(({ method, route, id }) => [method, route, id !== null]),
          Array.from({ length: client.requests }, () => ['GET', '/', true])
        )
        assert.deepEqual([requests.cut, outcome, exitCode], [[], 'failed', 1])
        const named = lines.filter(({ code }) => code === 'LIFECYCLE_LEFT')
        assert.deepEqual(
          named.map(({ level }) => level),
          Array.from({ length: client.requests }, () => 50)
        )
      })
    })
  }
}

describe('a client that leaves is not waited for', () => {
  const { client, server } = transports['HTTP/1.1'] as (typeof transports)[string]
  const longLived = { config: { lifecycle: { longLived: true } } }
  const responses: Readonly<Record<string, Scene['add']>> = {
    'where the response was hijacked': (app, begin) =>
      app.get('/', (request, reply) => {
        begin(request, reply)
        reply.hijack()
      }),
    'where the response was hijacked, and has begun': (app, begin) =>
      app.get('/', (request, reply) => {
        begin(request, reply)
        reply.hijack()
        reply.raw.write('begun')
      }),
    'where a stream was sent': (app, begin) =>
      app.get('/', (request, reply) => {
        begin(request, reply)
        reply.send(
          new Readable({
            read() {
              this.push('begun')
            }
          })
        )
      }),
    'where the route is `longLived`': (app, begin) =>
      app.get('/', longLived, (request, reply) => {
        begin(request, reply)
        return new Promise((resolve) => Object.assign(app.server, { resolve }))
      })
  }
  for (const [what, add] of Object.entries(responses)) {
    for (const [moment, isBefore] of Object.entries(moments)) {
      test(`${what}, ${moment}`, async (t) => {
        const { inFlight, finish } = await left(t, { client, server, isBefore, add })
        assert.equal(inFlight, 0)
        const { requests, outcome } = await finish()
        assert.deepEqual([requests.cut, requests.left, outcome], [[], [], 'clean'])
      })
    }
  }
})

describe('of a thousand clients that left, no more than the last few are kept', () => {
  setFlagsFromString('--expose-gc')
  const collect = runInNewContext('gc') as () => void

  /** So many clients that ask, and leave. */
  async function thousandLeft(t: TestContext, handle: (request: FastifyRequest) => Promise<unknown>) {
    const app = await makeApp(t, { drainTimeout: 0 })
    const requests: WeakRef<FastifyRequest>[] = []
    let [asked, closed] = [0, 0]
    app.get('/', (request, reply) => {
      requests.push(new WeakRef(request))
      asked++
      reply.raw.once('close', () => closed++)
      return handle(request)
    })
    await app.listen({ port: 0, host: '127.0.0.1' })
    for (let round = 1; round <= 10; round++) {
      const wires = Array.from({ length: 100 }, () => {
        const wire = new Wire(portOf(app))
        wire.send('GET / HTTP/1.1\nHost: x\n\n')
        return wire
      })
      while (asked < round * 100) await new Promise((resolve) => setImmediate(resolve))
      for (const { socket } of wires) socket.destroy()
      while (closed < round * 100) await new Promise((resolve) => setImmediate(resolve))
    }
    return { app, requests }
  }

  /** How many of these are still there. Node.js and the test's own frames may hold on to the last few for a while. */
  const kept = (refs: readonly WeakRef<object>[]) => refs.filter((ref) => ref.deref() !== undefined).length
  const few = 10

  /** Collects garbage until this is so. What was looked at is kept until the turn of the event loop is over. */
  async function untilCollected(isSo: () => boolean): Promise<void> {
    for (let turn = 0; !isSo() && turn < 50; turn++) {
      await new Promise((resolve) => setTimeout(resolve, 5))
      collect()
    }
    assert.ok(isSo())
  }

  test('when their handlers are done', async (t) => {
    const done = latch()
    const { app, requests } = await thousandLeft(t, async () => {
      await done.opened
    })
    assert.equal(app.lifecycle.inFlight, 1_000)
    done.open()
    while (app.lifecycle.inFlight > 0) await new Promise((resolve) => setImmediate(resolve))
    await untilCollected(() => kept(requests) <= few)
  })

  test('where their handlers can never go on', async (t) => {
    const { app, requests } = await thousandLeft(t, () => new Promise(() => {}))
    await untilCollected(() => kept(requests) <= few)
    assert.ok(app.lifecycle.inFlight <= few)
  })
})
