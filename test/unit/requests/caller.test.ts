import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { RouteHandlerMethod } from 'fastify'
import { type Caller, currentCaller, noteCallers, runAs } from '../../../lib/requests/caller.ts'
import { makeApp } from '../../support/in-process.ts'

const callerNamed = (who: string): Caller => ({ who, excuse() {} })

describe('the handler of a route', () => {
  test('keeps its name, its `this`, its arguments and what it returns', async (t) => {
    const app = await makeApp(t)
    let seen: unknown
    app.get('/orders/:id', async function orders(request, reply) {
      seen = [this === app, reply.request === request, request.routeOptions.handler.name]
      return request.params
    })
    const response = await app.inject('/orders/7')
    assert.deepEqual(seen, [true, true, 'bound orders'], 'Fastify binds it')
    assert.deepEqual(response.json(), { id: '7' })
  })

  test('is wrapped once, also where Fastify makes a HEAD route with it', () => {
    const note = noteCallers(() => callerNamed('the handler'))
    const route: { handler: RouteHandlerMethod } = { handler: async () => 'ok' }
    const own = route.handler
    note.call({} as never, route as never)
    const wrapped = route.handler
    assert.notEqual(wrapped, own)
    note.call({} as never, route as never)
    assert.equal(route.handler, wrapped)
  })

  test('may be missing, where a route is for WebSockets', () => {
    const route = {}
    noteCallers(() => callerNamed('nobody')).call({} as never, route as never)
    assert.deepEqual(route, {})
  })

  test('that throws is no caller of what comes after it', () => {
    const route = {
      handler: (() => {
        throw new Error('failed')
      }) as RouteHandlerMethod
    }
    noteCallers(() => callerNamed('the handler')).call({} as never, route as never)
    assert.throws(() => route.handler.call({} as never, {} as never, {} as never), /failed/)
    assert.equal(currentCaller(), undefined)
  })
})

describe('a caller', () => {
  test('is the one that runs just then, and again the outer one after it', () => {
    const heard: (string | undefined)[] = []
    const hear = () => void heard.push(currentCaller()?.who)
    hear()
    runAs(callerNamed('outer'), () => {
      hear()
      runAs(callerNamed('inner'), hear)
      hear()
    })
    hear()
    assert.deepEqual(heard, [undefined, 'outer', 'inner', 'outer', undefined])
  })
})
