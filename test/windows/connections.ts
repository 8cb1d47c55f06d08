import { once } from 'node:events'
import http from 'node:http'
import WebSocket from 'ws'
import { startApp } from '../support/app-process.ts'
import { request, Wire } from '../support/client.ts'
import { press } from './keyboard.ts'
import type { Scenario } from './scenario.ts'

// What clients see of a shutdown.

const hold = (name: string, phase: 'lameDuck' | 'draining') => ({ name, phase, does: 'hold' }) as const

export const connections: readonly Scenario[] = [
  {
    what: 'a new request in each phase',
    expected:
      'ready: 200, `/readyz` 200; lameDuck: 200, `/readyz` 503; draining: 503, `/readyz` 503; exit code 0',
    needs: 'KOFFI',
    async act(t) {
      const app = await startApp(t, { hooks: [hold('duck', 'lameDuck'), hold('drain', 'draining')] })
      const statuses = async (phase: string) => {
        const [own, probe] = [await request(app.port, '/'), await request(app.port, '/readyz')]
        return `${phase}: ${own.status}, \`/readyz\` ${probe.status}`
      }
      const seen = [await statuses('ready')]
      await press(app.pid, 'Ctrl-C')
      await app.message({ hook: 'duck' })
      seen.push(await statuses('lameDuck'))
      app.tell('release duck')
      await app.message({ hook: 'drain' })
      seen.push(await statuses('draining'))
      app.tell('release drain')
      const { code } = await app.exited
      return `${seen.join('; ')}; exit code ${code}`
    }
  },
  {
    what: 'keep-alive: an idle connection, and one with a request in flight',
    expected: 'the idle one is closed; the other gets 200 with `Connection: close`; exit code 0',
    needs: 'KOFFI',
    async act(t) {
      const app = await startApp(t)
      const idle = new Wire(app.port)
      idle.send('GET / HTTP/1.1\nHost: x\n\n')
      await idle.receives('{"ok":true}')
      const agent = new http.Agent({ keepAlive: true })
      const answer = request(app.port, '/held/one', { agent })
      await app.message({ arrived: '/held/one' })
      await press(app.pid, 'Ctrl-C')
      await app.phase('draining')
      app.tell('answer one')
      const { status, headers } = await answer
      const how = await idle.ended
      const { code } = await app.exited
      return `the idle one is ${how === 'end' ? 'closed' : 'reset'}; the other gets ${status} with \`Connection: ${headers.connection}\`; exit code ${code}`
    }
  },
  {
    what: 'a client that reads 8 MiB slowly',
    expected: 'it gets 8388608 bytes; exit code 0',
    needs: 'KOFFI',
    async act(t) {
      const app = await startApp(t)
      const outgoing = http.get({ port: app.port, host: '127.0.0.1', path: '/big', agent: false })
      const [response] = (await once(outgoing, 'response')) as [http.IncomingMessage]
      await press(app.pid, 'Ctrl-C')
      await app.phase('draining')
      let bytes = 0
      for await (const chunk of response) bytes += chunk.length
      const { code } = await app.exited
      return `it gets ${bytes} bytes; exit code ${code}`
    }
  },
  {
    what: 'an open WebSocket',
    expected: 'it is closed with 1012 service restart; exit code 0',
    needs: 'KOFFI',
    async act(t) {
      const app = await startApp(t, {}, { fixture: 'transports' })
      const socket = new WebSocket(`ws://127.0.0.1:${app.port}/socket`)
      await once(socket, 'open')
      await app.message({ arrived: '/socket' })
      await press(app.pid, 'Ctrl-C')
      const [status, reason] = await once(socket, 'close')
      const { code } = await app.exited
      return `it is closed with ${status} ${reason}; exit code ${code}`
    }
  },
  {
    what: 'a named pipe in place of a port',
    expected: 'the request in flight gets 200; exit code 0; nobody listens on the pipe any more',
    needs: 'KOFFI',
    async act(t) {
      const path = `\\\\.\\pipe\\fastify-lifecycle-${process.pid}`
      const app = await startApp(t, { where: { path } })
      const outgoing = http.get({ socketPath: path, path: '/held/one' })
      await app.message({ arrived: '/held/one' })
      await press(app.pid, 'Ctrl-C')
      await app.phase('draining')
      app.tell('answer one')
      const [response] = (await once(outgoing, 'response')) as [http.IncomingMessage]
      response.resume()
      const { code } = await app.exited
      const [error] = await once(http.get({ socketPath: path, path: '/' }), 'error')
      const left = error.code === 'ENOENT' ? 'nobody listens on the pipe any more' : `the pipe: ${error.code}`
      return `the request in flight gets ${response.statusCode}; exit code ${code}; ${left}`
    }
  }
]
