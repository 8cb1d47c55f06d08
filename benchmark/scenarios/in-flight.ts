import { setTimeout as sleep } from 'node:timers/promises'
import { request } from '../../test/support/client.ts'
import { connected, get, keptAlive, outcome, statuses } from './clients.ts'
import { type Scenario, tally } from './scenario.ts'

/**
 * Requests that have begun when the signal comes. Here and elsewhere their clients keep no connection, but
 * where it is about that: whoever stumbles over kept connections should not do so in every scenario.
 */
export const inFlight: readonly Scenario[] = [
  {
    name: 'keep-alive',
    title: 'A request in flight, keep-alive',
    story: 'A client that keeps its connection waits for an answer that takes 600 ms.',
    setup: { deadline: 1_500 },
    right: ['200'],
    hooks: 1,
    exit: 'clean',
    async act(running) {
      const answer = outcome(request(running.port, '/slow/600', { agent: keptAlive(running) }))
      await running.arrived('/slow/600')
      running.signal()
      return tally([await answer])
    }
  },
  {
    name: 'pipelined',
    title: 'Pipelined requests in flight',
    story: 'A client has sent two requests on one connection; each takes 400 ms.',
    setup: { deadline: 1_500 },
    right: ['200'],
    hooks: 1,
    exit: 'clean',
    async act(running) {
      const wire = await connected(running)
      wire.send(get('/slow/400').repeat(2))
      await running.arrived('/slow/400', 2)
      running.signal()
      await Promise.race([wire.ended, running.exited])
      return tally(statuses(wire.received, 2))
    }
  },
  {
    name: 'upload',
    title: 'An upload in progress',
    story: 'The client has sent half of a request body. It sends the rest 200 ms after the signal.',
    setup: { deadline: 1_500 },
    right: ['200'],
    hooks: 1,
    exit: 'clean',
    async act(running) {
      const wire = await connected(running)
      wire.send(
        'POST /upload HTTP/1.1\nHost: x\nConnection: close\nContent-Type: text/plain\nContent-Length: 10\n\n01234'
      )
      await running.arrived('/upload')
      running.signal()
      await sleep(200)
      wire.send('56789')
      await Promise.race([wire.ended, running.exited])
      return tally(statuses(wire.received, 1))
    }
  },
  {
    name: 'slow-reader',
    title: 'A response of 8 MiB, read slowly',
    story:
      'The app has written the whole response before the signal. The client takes about a second to read it.',
    setup: { deadline: 3_000 },
    right: ['whole'],
    wrongly: 'cut',
    hooks: 1,
    exit: 'clean',
    async act(running) {
      const { socket } = await connected(running)
      const size = 8 * 1024 * 1024
      let read = 0
      socket.on('data', (chunk) => {
        read += chunk.length
        // The first kilobyte also holds the head.
        if (read >= size) return
        socket.pause()
        setTimeout(() => socket.resume(), 5)
      })
      const ended = new Promise<void>((resolve) => socket.once('close', () => resolve()))
      socket.write('GET /big HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n')
      await running.arrived('/big')
      running.signal()
      await ended
      return tally([read > size ? 'whole' : 'cut'])
    }
  },
  {
    name: 'told-at-the-limit',
    title: 'A handler that answers when its signal aborts',
    story: 'The handler waits until `request.signal` aborts, and then answers at once.',
    setup: { deadline: 1_000 },
    right: ['200'],
    hooks: 1,
    exit: 'any',
    async act(running) {
      const answer = outcome(request(running.port, '/until-aborted'))
      await running.arrived('/until-aborted')
      running.signal()
      return tally([await answer])
    }
  },
  {
    name: 'client-gone',
    title: 'A client that leaves while its request is in flight',
    story:
      'The handler takes 600 ms, and the client leaves 50 ms after the signal. The handler should finish before the shutdown hook closes the database.',
    setup: { deadline: 1_500 },
    right: ['work done'],
    wrongly: 'work cut off',
    hooks: 1,
    exit: 'clean',
    async act(running) {
      const wire = await connected(running)
      wire.send(get('/work/600'))
      await running.arrived('/work/600')
      running.signal()
      await sleep(50)
      wire.socket.destroy()
      await running.exited
      return tally([running.hasSaid('worked', 'cleanup') ? 'work done' : 'work cut off'])
    }
  },
  {
    name: 'truncated',
    title: 'A response without a length that has to be cut',
    story:
      'A client of HTTP/1.0 reads a table that never ends. When the response is cut, the client should see an error. After a normal end, the client would take the table for complete.',
    setup: { deadline: 1_000 },
    right: ['error'],
    wrongly: 'looks whole',
    hooks: 1,
    exit: 'any',
    async act(running) {
      const { socket } = await connected(running)
      const seen = new Promise<string>((resolve) => {
        socket.once('end', () => resolve('looks whole'))
        socket.once('error', () => resolve('error'))
        // A process that never ended was killed: its system ends the connection in order.
        socket.once('close', () => resolve('looks whole'))
      })
      socket.resume().write('GET /csv HTTP/1.0\r\n\r\n')
      await running.arrived('/csv')
      running.signal()
      return tally([await seen])
    }
  }
]
