import { deploymentFor } from 'fastify-lifecycle/deployment'

// The options that the app gives to `register`; keep them in a file that both can import.
const { systemd } = deploymentFor({ deadline: 20_000 }, { name: 'orders' })
process.stdout.write(systemd.toText())
