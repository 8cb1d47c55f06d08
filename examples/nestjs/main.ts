import 'reflect-metadata'
import { NestFactory } from '@nestjs/core'
import type { NestFastifyApplication } from '@nestjs/platform-fastify'
import { LifecycleAdapter, registerLifecycle } from './lifecycle.ts'
import { Consumer, OrdersModule } from './orders.ts'

const nest = await NestFactory.create<NestFastifyApplication>(
  OrdersModule,
  new LifecycleAdapter({ logger: true }),
  { logger: ['error', 'warn'] }
)

// No `enableShutdownHooks()`: this plugin listens to the signals, and two would cut each other off.
const app = await registerLifecycle(nest, { deadline: 25_000 })
app.onShutdown('consumer', { phase: 'lameDuck' }, () => nest.get(Consumer).stop())

await nest.listen(Number(process.env['PORT'] ?? 3_000), '0.0.0.0')
