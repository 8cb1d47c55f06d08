import { deploymentFor } from 'fastify-lifecycle/deployment'

// A host where the grace period and the checks of HAProxy are settled already.
const settled = { grace: 30_000, probe: { period: 10_000, failures: 3 } }

const { systemd, haproxy } = deploymentFor({ deadline: 40_000, lameDuck: 10_000 }, settled)
for (const warning of [...systemd.warnings, ...haproxy.warnings]) console.log(`- ${warning}`)
