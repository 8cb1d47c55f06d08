import Fastify, { type FastifyInstance, LogController } from 'fastify'
import lifecycle, { type HookOptions } from 'fastify-lifecycle'
import { openDatabase } from './database.ts'
import { Outbox } from './outbox.ts'
import { openQueue } from './queue.ts'
import type { Settings } from './settings.ts'
import { type Parts, shutdownHooks } from './shutdown.ts'
import { transferRoutes } from './transfers.ts'
import { Worker } from './worker.ts'

// A bank, whole: clients order transfers, and whatever it has acknowledged is booked, once, however
// the process ends. Read this file first, then shutdown.ts, then each part.
//
//   client ── PUT /transfers/:id ──▶ transfers.ts ──┐ one transaction: the transfer, both balances
//                                                   ▼ and a job in the outbox
//                                              PostgreSQL ──▶ outbox.ts ──▶ RabbitMQ ──▶ worker.ts
//                                                   ▲  (each job until the broker has it)     │
//                                                   └── one transaction: the job, once ───────┘

/** Makes the bank; `hooksFor` says what stops in which order. */
export async function makeBank(
  settings: Settings,
  hooksFor: (parts: Parts) => readonly HookOptions[] = shutdownHooks
): Promise<FastifyInstance> {
  const bank = Fastify({ logger: true, logController: new LogController({ disableRequestLogging: true }) })

  await bank.register(lifecycle, { deadline: 10_000, lameDuck: settings.lameDuck })

  await openDatabase(bank, settings)
  const queue = await openQueue(bank, settings)
  const outbox = new Outbox(bank, queue, settings.lease)
  const worker = new Worker(bank, queue)

  await bank.register(transferRoutes, { outbox })
  for (const hook of hooksFor({ worker, outbox, queue })) bank.onShutdown(hook)

  bank.lifecycle.addCheck('database', () => bank.pg.query('SELECT 1'))
  bank.lifecycle.addCheck('queue', () => queue.check())

  // Not before the app is complete: a job that comes sooner would find half of it.
  bank.addHook('onReady', async () => {
    outbox.start()
    await worker.start()
  })
  return bank
}
