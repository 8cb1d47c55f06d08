import { setTimeout as sleep } from 'node:timers/promises'
import Fastify from 'fastify'
import lifecycle from 'fastify-lifecycle'
import { formatReport } from 'fastify-lifecycle/report'

const app = Fastify()
await app.register(lifecycle)

// A worker in the same process: takes jobs until the shutdown begins, and finishes the last one.
app.lifecycle.track(async () => {
  while (!app.lifecycle.signal.aborted) await sleep(150)
}, 'worker')

app.onShutdown('consumer', { phase: 'lameDuck' }, () => sleep(20)) //    1. nothing new comes in
//                                                                        2. the drain waits for the worker
app.onShutdown('outbox', { dependsOn: ['db', 'broker'] }, () => sleep(80)) // 3. what is left is sent
app.onShutdown('broker', { dependsOn: [] }, () => sleep(30)) //           4. then both connections end,
app.onShutdown('db', { dependsOn: [] }, () => sleep(40)) //                  side by side

app.lifecycle.on('report', (report) => console.log(formatReport(report)))
await app.listen({ port: 0 })
process.kill(process.pid, 'SIGTERM')
