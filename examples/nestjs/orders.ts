import { setTimeout as sleep } from 'node:timers/promises'
import {
  type BeforeApplicationShutdown,
  Controller,
  Inject,
  Injectable,
  Module,
  type OnApplicationShutdown,
  type OnModuleDestroy,
  type OnModuleInit,
  Post
} from '@nestjs/common'
import { HttpAdapterHost } from '@nestjs/core'
import type { FastifyInstance } from 'fastify'

/** Stands for a pool of connections. It must not end before the last order is written. */
@Injectable()
export class Database implements OnModuleDestroy, BeforeApplicationShutdown, OnApplicationShutdown {
  #isOpen = true

  async insert(): Promise<void> {
    await sleep(1_000)
    if (!this.#isOpen) throw new Error('the pool has ended')
  }

  onModuleDestroy(): void {
    this.#isOpen = false
    console.log('nest: onModuleDestroy')
  }

  beforeApplicationShutdown(signal?: string): void {
    console.log(`nest: beforeApplicationShutdown, ${signal}`)
  }

  onApplicationShutdown(signal?: string): void {
    console.log(`nest: onApplicationShutdown, ${signal}`)
  }
}

/** Stands for what takes work from a queue. It stops first, while the app still serves. */
@Injectable()
export class Consumer implements OnModuleInit {
  @Inject(HttpAdapterHost) readonly host!: HttpAdapterHost

  onModuleInit(): void {
    const app: FastifyInstance = this.host.httpAdapter.getInstance()
    app.onShutdown('consumer', { phase: 'lameDuck' }, () => this.stop())
  }

  async stop(): Promise<void> {
    console.log('consumer: stopped')
  }
}

@Controller('orders')
export class Orders {
  @Inject(Database) readonly db!: Database

  @Post()
  async create(): Promise<{ written: boolean }> {
    await this.db.insert()
    console.log('order: written')
    return { written: true }
  }
}

@Module({ controllers: [Orders], providers: [Database, Consumer] })
export class OrdersModule {}
