import { deploymentFor } from 'fastify-lifecycle/deployment'

// The options that the app gives to `register`.
const options = { deadline: 20_000, lameDuck: 5_000 }

const { nginx } = deploymentFor(options, { name: 'orders', hosts: ['10.0.0.7', '10.0.0.8'] })
process.stdout.write(nginx.toText())
