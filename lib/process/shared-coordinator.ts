import { Coordinator } from './coordinator.ts'
import { thisProcess } from './host.ts'

/**
 * The number changes whenever `Member` or the coordinator changes, so that incompatible copies of this package
 * do not share a coordinator.
 */
const key = Symbol.for('fastify-lifecycle.coordinator.7')

/** The coordinator of this process, shared by all copies of this package. */
export function coordinator(): Coordinator {
  const shared = globalThis as { [key]?: Coordinator }
  shared[key] ??= new Coordinator(thisProcess)
  return shared[key]
}
