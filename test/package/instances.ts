// Programs of users, for the types alone: each kind of Fastify instance with each member that the package adds.

/** How an instance is made, by its name in the table. */
export const kinds: Readonly<Record<string, string>> = {
  '`Fastify()`': 'const given = Fastify()',
  HTTPS: "const given = Fastify({ https: { key: '', cert: '' } })",
  'HTTP/2': 'const given = Fastify({ http2: true })',
  'HTTP/2 over TLS': "const given = Fastify({ http2: true, https: { allowHTTP1: true, key: '', cert: '' } })",
  '`serverFactory`': 'const given = Fastify({ serverFactory: (handler) => createServer(handler) })',
  '`loggerInstance: pino()`': 'const given = Fastify({ loggerInstance: pino() })',
  'HTTP/2 with pino': 'const given = Fastify({ http2: true, loggerInstance: pino() })',
  TypeBox: 'const given = Fastify().withTypeProvider<TypeBoxTypeProvider>()',
  'Zod with pino': 'const given = Fastify({ loggerInstance: pino() }).withTypeProvider<ZodTypeProvider>()',
  '`FastifyInstance`': 'declare const given: FastifyInstance',
  '`FastifyInstance` of `any`': 'declare const given: FastifyInstance<any, any, any, any, any>',
  'an instance with decorators of its own':
    "const given = Object.assign(Fastify({ http2: true }), { db: 'db' })"
}

/** What is done with it, by its name in the table. `app` is the instance, and `App` its type. */
export const members: Readonly<Record<string, string>> = {
  '`register`': `
    await app.register(lifecycle)
    await app.register(lifecycle, { deadline: undefined, lameDuck: { max: 1, min: undefined }, hooks: undefined })
    await app.register(systemd)
    await app.register(pm2)
    await app.register(cluster)`,
  '`onShutdown`, each form': `
    app.onShutdown(() => {})
    app.onShutdown('db', async ({ signal }) => signal.throwIfAborted())
    app.onShutdown('db', { phase: 'lameDuck', timeout: undefined }, ({ log }) => log.info('db'))
    app.onShutdown({ name: undefined, handler: async ({ reason }) => reason.type })
    app.onShutdown({ [Symbol.dispose]() {} })
    app.onShutdown({ async [Symbol.asyncDispose]() {} })`,
  '`this` in a hook': `
    app.onShutdown(function () { expectTypeOf(this).toEqualTypeOf<App>() })
    app.onShutdown('db', function (context) {
      expectTypeOf(this).toEqualTypeOf<App>()
      expectTypeOf(context).toEqualTypeOf<HookContext>()
    })
    app.onShutdown('db', {}, async function () { expectTypeOf(this).toEqualTypeOf<App>() })
    app.onShutdown({ handler() { expectTypeOf(this).toEqualTypeOf<App>() } })`,
  'chained calls': `
    expectTypeOf(app.onShutdown(() => {})).toEqualTypeOf<App>()
    expectTypeOf(app.onShutdown('db', () => {})).toEqualTypeOf<App>()
    expectTypeOf(app.onShutdown('db', {}, () => {})).toEqualTypeOf<App>()
    expectTypeOf(app.onShutdown({ handler() {} }).onShutdown({ [Symbol.dispose]() {} })).toEqualTypeOf<App>()`,
  'a handler or a hook object that was declared before': `
    const handler: HookHandler = function () { this.log.info('db') }
    const hook: HookOptions = { handler }
    const own: HookHandler<App> = function () { expectTypeOf(this).toEqualTypeOf<App>() }
    app.onShutdown(handler).onShutdown('db', handler).onShutdown(hook).onShutdown(own)
    // @ts-expect-error that is no instance
    app.onShutdown(function (this: string) {})`,
  '`app.lifecycle`': `
    expectTypeOf(app.lifecycle).toEqualTypeOf<Lifecycle>()
    app.lifecycle.addCheck('db', { check: () => true, timeout: undefined })
    app.lifecycle.on('phase', ({ phase }) => expectTypeOf(phase).toEqualTypeOf<Phase>())
    app.get('/', async (request) => app.lifecycle.track(async () => 'done', { name: undefined, request }))`,
  '`report.reason`': `
    const reason = app.lifecycle.report?.reason
    if (reason?.type === 'signal') expectTypeOf(reason.signal).toEqualTypeOf<NodeJS.Signals>()
    else if (reason?.type === 'uncaughtException') expectTypeOf(reason.error).toEqualTypeOf<ErrorReport>()
    else if (reason?.type === 'shutdown') expectTypeOf(reason.message).toEqualTypeOf<string | undefined>()
    // @ts-expect-error app.close() has no more to say
    else if (reason?.type === 'close') reason.message`,
  'the options of a route': `
    app.get('/metrics', { config: { lifecycle: { whileDraining: 'serve', longLived: undefined } } }, async () => '')
    app.route({
      ...{ method: 'GET', url: '/events', handler: async () => '' } as const,
      config: { lifecycle: { longLived: (request) => request.url === '/events' } }
    })`,
  '`fakeProcess`': `
    const { report } = await fakeProcess(app, { maxWait: undefined }).kill()
    expectTypeOf(report).toEqualTypeOf<Report>()`
}

/** The program for one kind and one member. */
export function programFor(kind: string, member: string): string {
  return `${imports}
${kinds[kind]}
type App = typeof given

export async function use(app: App): Promise<void> {${members[member]}
}

await given.register(async (child) => {
  child.onShutdown('child', function () { this.log.info('child') })
})
await use(given)
`
}

const imports = `
import { createServer } from 'node:http'
import type { TypeBoxTypeProvider } from '@fastify/type-provider-typebox'
import { expectTypeOf } from 'expect-type'
import Fastify, { type FastifyInstance } from 'fastify'
import lifecycle, {
  type ErrorReport, type HookContext, type HookHandler, type HookOptions, type Lifecycle, type Phase, type Report
} from 'fastify-lifecycle'
import { cluster } from 'fastify-lifecycle/cluster'
import { pm2 } from 'fastify-lifecycle/pm2'
import { systemd } from 'fastify-lifecycle/systemd'
import { fakeProcess } from 'fastify-lifecycle/testing'
import type { ZodTypeProvider } from 'fastify-type-provider-zod'
import pino from 'pino'
`
