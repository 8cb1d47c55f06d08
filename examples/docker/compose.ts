import { deploymentFor } from 'fastify-lifecycle/deployment'
import { options } from './options.ts'

const { compose } = deploymentFor(options, { name: 'orders', image: 'orders:1.0.0' })
process.stdout.write(compose.toText())
