import { Coordinator } from './coordinator.ts'
import { thisProcess } from './host.ts'

/** Changes when `Member` or the coordinator does, so that copies of this package that differ there do not meet. */
const key = Symbol.for('fastify-lifecycle.coordinator.7')

/** The coordinator of this process, shared by all copies of this package. */
export function coordinator(): Coordinator {
  const shared = globalThis as { [key]?: Coordinator }
  shared[key] ??= new Coordinator(thisProcess)
  return shared[key]
}
