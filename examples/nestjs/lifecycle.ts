import { NestApplication } from '@nestjs/core'
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify'
import type { FastifyInstance } from 'fastify'
import lifecycle, { type LifecycleOptions } from 'fastify-lifecycle'

/** Nest closes its server in the middle of its own hooks. Here the walk closes it, after them. */
export class LifecycleAdapter extends FastifyAdapter {
  override async close(): Promise<void> {}
}

/** Makes every road into closing, Nest's own included, the one walk. Call it before `listen`. */
export async function registerLifecycle(
  nest: NestFastifyApplication,
  options: LifecycleOptions = {}
): Promise<FastifyInstance> {
  const app = nest.getHttpAdapter().getInstance() as unknown as FastifyInstance
  await app.register(lifecycle, options)

  // Nest's hooks run when nothing is in flight: no request finds its providers destroyed.
  app.onShutdown('nest', { timeout: 10_000 }, ({ reason }) => {
    const signal = reason.type === 'signal' ? reason.signal : undefined
    return NestApplication.prototype.close.call(nest, signal)
  })
  // An assignment would be lost: what NestFactory makes is a proxy.
  Object.defineProperty(nest, 'close', { configurable: true, value: () => app.close() })
  return app
}
