import nodeCluster from 'node:cluster'
import { supervise } from 'fastify-lifecycle/cluster'

if (nodeCluster.isPrimary) supervise({ workers: 2 })
else await import('./worker.ts')
