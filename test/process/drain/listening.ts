import http from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { request, Wire } from '../../support/client.ts'
import { drain, holdDrain, type RunningApp, type Scenario } from './observe.ts'

// Wherever an app can listen.

const socketPath = join(tmpdir(), `fastify-lifecycle-${process.pid}.sock`)

function scenario(transport: string, setup: object, act: Scenario['act']): Scenario {
  const expected = { response: '200, 503', farewell: 'FIN', exitCode: 0 }
  return {
    name: 'in flight, and too late',
    transport,
    setup: { hooks: [holdDrain], ...setup },
    expected,
    act
  }
}

/** One request in flight on a kept connection, one silent connection, and one request that is too late. */
async function onHost(app: RunningApp, host: string) {
  const agent = new http.Agent({ keepAlive: true })
  const silent = new Wire(app.port, host)
  await silent.connected
  const answer = request(app.port, '/held', { agent, host })
  await app.message({ arrived: '/held' })
  await drain(app)
  const late = await request(app.port, '/', { host })
  app.tell('release drain')
  app.tell('answer')
  const { status, at } = await answer
  const farewell = (await silent.ended) === 'end' ? 'FIN' : 'reset'
  return { response: `${status}, ${late.status}`, farewell, last: at }
}

export const listening: readonly Scenario[] = [
  scenario('localhost, its IPv4', { listen: { port: 0, host: 'localhost' }, bothFamilies: true }, (app) =>
    onHost(app, '127.0.0.1')
  ),
  scenario('localhost, its IPv6', { listen: { port: 0, host: 'localhost' }, bothFamilies: true }, (app) =>
    onHost(app, '::1')
  ),
  scenario('IPv6', { listen: { port: 0, host: '::1' } }, (app) => onHost(app, '::1')),
  scenario('every address', { listen: { port: 0, host: '::' } }, (app) => onHost(app, '127.0.0.1')),
  scenario('serverFactory', { transport: 'serverFactory' }, (app) => onHost(app, '127.0.0.1')),
  scenario('unix socket', { listen: { path: socketPath } }, async (app) => {
    const agent = new http.Agent({ keepAlive: true })
    const ask = (path: string) =>
      new Promise<number>((resolve, reject) => {
        http
          .get({ socketPath, path, agent }, (response) => {
            response.resume().on('end', () => resolve(response.statusCode as number))
          })
          .on('error', reject)
      })
    const answer = ask('/held')
    await app.message({ arrived: '/held' })
    await drain(app)
    const late = await ask('/')
    app.tell('release drain')
    app.tell('answer')
    const status = await answer
    return { response: `${status}, ${late}`, farewell: 'FIN', last: performance.now() }
  })
]
