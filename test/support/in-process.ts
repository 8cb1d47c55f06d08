import type { AddressInfo } from 'node:net'
import type { TestContext } from 'node:test'
import Fastify, { type FastifyInstance, type FastifyServerOptions } from 'fastify'
import lifecycle, { type LifecycleOptions, type Phase } from '../../index.ts'
import { giveLocalhostBothFamilies } from './both-families.ts'
import { cleanup } from './cleanup.ts'
import { aLongTime } from './in-time.ts'

/** An app in the test's own process: it listens to no signals, and never exits. */
export async function makeApp(
  t: TestContext,
  options: LifecycleOptions = {},
  server: FastifyServerOptions = {}
): Promise<FastifyInstance> {
  const app = Fastify(server)
  cleanup(t, () => app.close().catch(() => {}))
  await app.register(lifecycle, { signals: false, exit: false, deadline: aLongTime, ...options })
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

/** Starts to listen and to close, and holds the drain open until it is released, or the test is over. */
export async function holdDrain(t: TestContext, app: FastifyInstance): Promise<() => Promise<unknown>> {
  const held = latch()
  app.onShutdown('held', { phase: 'draining', timeout: aLongTime }, () => held.opened)
  await app.listen({ port: 0, host: '127.0.0.1' })
  const closed = app.close()
  const release = () => {
    held.open()
    return closed
  }
  cleanup(t, release)
  await phaseOf(app, 'draining')
  return release
}

/**
 * Starts to listen and to shut down, and holds the lame duck open until it is released: however busy the
 * machine is, the phase is not over before.
 */
export async function holdLameDuck(app: FastifyInstance) {
  const held = latch()
  app.onShutdown('held', { phase: 'lameDuck', timeout: aLongTime }, () => held.opened)
  await app.listen({ port: 0, host: '127.0.0.1' })
  const done = app.lifecycle.shutdown()
  await phaseOf(app, 'lameDuck')
  return { release: held.open, done }
}

/** Resolves when the app is in the phase. */
export async function phaseOf(app: FastifyInstance, phase: Phase): Promise<void> {
  while (app.lifecycle.phase !== phase) {
    await new Promise<void>((resolve) => app.lifecycle.once('phase', () => resolve()))
  }
}

/** Listens on both addresses of localhost, and returns the one that Fastify keeps to itself. */
export async function listenTwice(app: FastifyInstance): Promise<AddressInfo> {
  giveLocalhostBothFamilies()
  const listening = latch()
  app.addHook('onListen', async () => listening.open())
  await app.listen({ port: 0, host: 'localhost' })
  await listening.opened
  const { address: first } = app.server.address() as AddressInfo
  const addresses = app.addresses() as AddressInfo[]
  return addresses.find(({ address }) => address !== first) as AddressInfo
}
