import { deploymentFor } from 'fastify-lifecycle/deployment'

// No options: in Kubernetes the plugin uses a deadline of 25 s and a lame duck of 5 s.
const { kubernetes } = deploymentFor({}, { name: 'orders', image: 'registry.example/orders:1.4.2' })
process.stdout.write(kubernetes.toText())
