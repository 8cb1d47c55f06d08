import 'reflect-metadata'
import { NestFactory } from '@nestjs/core'
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify'
import { registerLifecycle } from 'fastify-lifecycle/nestjs'
import { OrdersModule } from './orders.ts'

const nest = await NestFactory.create<NestFastifyApplication>(
  OrdersModule,
  new FastifyAdapter({ logger: true }),
  { logger: ['error', 'warn'] }
)

// Before `listen` and `init`. No `enableShutdownHooks()`: the plugin listens to the signals.
await registerLifecycle(nest, { deadline: 25_000 })

await nest.listen(Number(process.env['PORT'] ?? 3_000), '0.0.0.0')
