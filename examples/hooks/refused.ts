import Fastify from 'fastify'
import lifecycle, { type HookSchedule } from 'fastify-lifecycle'

async function boot(hooks: Record<string, HookSchedule>) {
  const app = Fastify()
  await app.register(lifecycle)
  for (const [name, schedule] of Object.entries(hooks)) app.onShutdown(name, schedule, () => {})
  await app.ready().then(null, (error) => console.log(`${error.code}\n  ${error.message}\n`))
}

await boot({ db: {}, outbox: { dependsOn: ['bd'] } })
await boot({ db: { dependsOn: ['outbox'] }, outbox: { dependsOn: ['db'] } })
await boot({ consumer: { phase: 'lameDuck' }, db: { dependsOn: ['consumer'] } })
