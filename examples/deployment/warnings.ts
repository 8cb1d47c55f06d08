import { deploymentFor } from 'fastify-lifecycle/deployment'

// A cluster where the grace period and the probe are settled already.
const settled = { grace: 30_000, probe: { period: 10_000, failures: 3 } }

const { kubernetes } = deploymentFor({ deadline: 40_000, lameDuck: 10_000 }, settled)
for (const warning of kubernetes.warnings) console.log(`- ${warning}`)
