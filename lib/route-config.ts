import type { RouteOptions } from 'fastify'
import { aBoolean, anObject, oneOf, onlyKeys } from './validate.ts'

/** Checks `config.lifecycle` of a route when the route is added, not when its first request comes. */
export function checkRouteConfig({ url, config }: RouteOptions): void {
  const given = (config as { lifecycle?: unknown } | undefined)?.lifecycle
  if (given === undefined) return
  const path = `config.lifecycle of ${url}`
  const lifecycle = anObject(path, given)
  onlyKeys(path, lifecycle, ['whileDraining', 'longLived'])
  const { whileDraining, longLived } = lifecycle
  if (whileDraining !== undefined) oneOf(`${path}.whileDraining`, whileDraining, ['serve', 'reject'])
  if (longLived !== undefined) aBoolean(`${path}.longLived`, longLived)
}
