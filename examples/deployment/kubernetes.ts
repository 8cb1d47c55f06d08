import { deploymentFor } from 'fastify-lifecycle/deployment'

// The options that the app gives to `register`; keep them in a file that both can import.
const options = { deadline: 40_000, lameDuck: 10_000 }

const { kubernetes } = deploymentFor(options, { name: 'orders', image: 'registry.example/orders:1.4.2' })
process.stdout.write(kubernetes.toText())
