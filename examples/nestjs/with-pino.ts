import 'reflect-metadata'
import { Module } from '@nestjs/common'
import { NestFactory } from '@nestjs/core'
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify'
import { registerLifecycle } from 'fastify-lifecycle/nestjs'
import { Logger, LoggerModule } from 'nestjs-pino'
import pino from 'pino'
import { OrdersModule } from './orders.ts'

// One logger for both: without `loggerInstance` Fastify has none, and the lines of the shutdown go nowhere.
// `autoLogging: false`, because Fastify logs each request already.
const logger = pino()

@Module({ imports: [LoggerModule.forRoot({ pinoHttp: { logger, autoLogging: false } }), OrdersModule] })
class AppModule {}

const nest = await NestFactory.create<NestFastifyApplication>(
  AppModule,
  new FastifyAdapter({ loggerInstance: logger }),
  { bufferLogs: true }
)
nest.useLogger(nest.get(Logger))
await registerLifecycle(nest)

await nest.listen(Number(process.env['PORT'] ?? 3_000), '0.0.0.0')
