import type { FastifyPluginAsync } from 'fastify'
import fp from 'fastify-plugin'
import { supervise } from './primary.ts'
import { plugin } from './worker.ts'

/**
 * A worker of a cluster whose primary is `supervise`: says when it is ready, hands its connections over
 * when it is replaced, and drains when its primary is gone. In a process that is no worker it does
 * nothing.
 *
 * Throws `FST_LIFECYCLE_OPTION_UNKNOWN`, because it has no options.
 *
 * @example
 * ```ts
 * import lifecycle from 'fastify-lifecycle'
 * import cluster from 'fastify-lifecycle/cluster'
 *
 * await app.register(lifecycle)
 * await app.register(cluster)
 * ```
 */
const cluster: FastifyPluginAsync & { readonly supervise: typeof supervise } = Object.assign(
  fp(plugin, { fastify: '^5.3.0', name: 'fastify-lifecycle-cluster', dependencies: ['fastify-lifecycle'] }),
  { supervise }
)

export default cluster
export type { ClusterOptions, Primary } from './primary.ts'
export { cluster, supervise }
