import { IncomingMessage, ServerResponse } from 'node:http'
import { Duplex } from 'node:stream'
import { answerWith, cpu } from '../child.ts'
import { helloWorld } from '../hello-world.ts'
import { method } from '../method.ts'
import type { Variant } from '../variants.ts'

// One variant, given requests by hand: neither sockets nor the parser blur what a request costs.

/** Takes the place of a socket. Says that it has written only when told to, as the system does. */
class Sink extends Duplex {
  #written: () => void = () => {}

  override _write(_chunk: unknown, _encoding: unknown, written: () => void): void {
    this.#written = written
  }

  override _writev(_chunks: unknown, written: () => void): void {
    this.#written = written
  }

  flush(): void {
    this.#written()
  }
}

const app = await helloWorld(process.argv[2] as Variant)
await app.ready()
const sink = Object.assign(new Sink(), { server: app.server })
const socket = sink as Duplex as IncomingMessage['socket']

function serve(): number {
  let answered = 0
  for (let sent = 0; sent < method.requestsWithoutNetwork; sent++) {
    const request = incoming()
    const response = new ServerResponse(request)
    response.assignSocket(socket)
    response.once('finish', () => {
      leaveSocket(response)
      answered++
    })
    app.server.emit('request', request, response)
    sink.flush()
  }
  return answered
}

function incoming(): IncomingMessage {
  return Object.assign(new IncomingMessage(socket), {
    method: 'GET',
    url: '/',
    httpVersion: '1.1',
    httpVersionMajor: 1,
    httpVersionMinor: 1,
    headers: { host: 'localhost', connection: 'keep-alive' }
  })
}

/** What Node.js does with a response that is written. */
function leaveSocket(response: ServerResponse): void {
  response.detachSocket(socket)
  response.destroyed = true
  response.emit('close')
}

answerWith({ cpu, serve })
