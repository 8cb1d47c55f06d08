import type { FastifyInstance } from 'fastify'
import { FST_LIFECYCLE_ALREADY_REGISTERED, FST_LIFECYCLE_NOT_ROOT } from './errors.ts'
import type { Life } from './life.ts'
import { addProbes } from './probes.ts'
import { checkRouteConfig } from './route-config.ts'

/** A process has one life: the plugin belongs on the root instance, once. */
export function checkPlace(app: FastifyInstance): void {
  if (app.hasDecorator('lifecycle')) throw new FST_LIFECYCLE_ALREADY_REGISTERED()
  // An encapsulated instance has its parent as prototype.
  if (Object.getPrototypeOf(app) !== Object.prototype) throw new FST_LIFECYCLE_NOT_ROOT()
}

/** Puts everything in place that the walk will need. */
export function prepare(life: Life): void {
  const { app, settings, traffic } = life
  for (const hook of settings.hooks) life.hooks.add(app, [hook])
  app.addHook('onReady', async () => life.hooks.check())
  app.addHook('onRoute', checkRouteConfig)
  app.addHook('preParsing', traffic.gate.hook)
  traffic.watch()
  addProbes(life)
}
