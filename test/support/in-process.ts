import type { TestContext } from 'node:test'
import Fastify, { type FastifyInstance, type FastifyServerOptions } from 'fastify'
import lifecycle, { type LifecycleOptions } from '../../index.ts'

/** An app in the test's own process: it listens to no signals, and never exits. */
export async function makeApp(
  t: TestContext,
  options: LifecycleOptions = {},
  server: FastifyServerOptions = {}
): Promise<FastifyInstance> {
  const app = Fastify(server)
  t.after(() => app.close().catch(() => {}))
  await app.register(lifecycle, { signals: false, exit: false, ...options })
  return app
}

/** Where a listening app can be reached. */
export function portOf(app: FastifyInstance): number {
  return (app.addresses()[0] as { port: number }).port
}

/** A promise, and the way to resolve it. */
export function latch(): { readonly opened: Promise<void>; open(): void } {
  let open = () => {}
  const opened = new Promise<void>((resolve) => {
    open = resolve
  })
  return { opened, open }
}
