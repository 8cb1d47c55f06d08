import type { FastifyPluginAsync } from 'fastify'
import fp from 'fastify-plugin'
import { fastifyVersions } from '../../lib/fastify-versions.ts'
import { supervise } from './primary.ts'
import { plugin } from './worker.ts'

/**
 * The plugin for a worker of a cluster whose primary uses `supervise`. The worker tells the primary when it is ready,
 * and hands over when it is replaced. It drains when the primary is gone. In a process that is no worker, the plugin
 * does nothing.
 *
 * Throws `FST_LIFECYCLE_OPTION_UNKNOWN` for any option, because it has none.
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
  fp(plugin, {
    fastify: fastifyVersions,
    name: 'fastify-lifecycle-cluster',
    dependencies: ['fastify-lifecycle']
  }),
  { supervise }
)

export default cluster
export type { ClusterOptions, Primary } from './primary.ts'
export { cluster, supervise }
