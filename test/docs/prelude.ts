import type strict from 'node:assert/strict'
import type {} from '@fastify/postgres'
import type {} from '@fastify/websocket'
import type { FastifyBaseLogger, FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type plugin from 'fastify-lifecycle'
import type { LifecycleOptions, Report } from 'fastify-lifecycle'
import type { supervise as inCluster } from 'fastify-lifecycle/cluster'
import type { deploymentFor as deployment } from 'fastify-lifecycle/deployment'
import type { reportToSVG as draw, formatReport as format } from 'fastify-lifecycle/report'
import type {
  FakeProcess,
  assertHookOrder as hookOrder,
  fakeProcess as inFakeProcess
} from 'fastify-lifecycle/testing'

// What the blocks of code on the pages use without declaring it.

interface Stoppable {
  stop(): Promise<void>
}

interface Cancellable {
  signal: AbortSignal
}

declare global {
  var app: FastifyInstance
  var lifecycle: typeof plugin
  var channels: (typeof plugin)['channels']
  var options: LifecycleOptions
  var report: Report
  var deploymentFor: typeof deployment
  var formatReport: typeof format
  var reportToSVG: typeof draw
  var writeFile: (path: string, text: string) => Promise<void>
  var request: FastifyRequest
  var reply: FastifyReply
  var handler: (request: FastifyRequest, reply: FastifyReply) => Promise<unknown>

  /** Of an app on NestJS. */
  var AppModule: new () => object
  var Consumer: abstract new () => Stoppable

  var socket: { on(event: 'message', listener: (data: unknown) => void): void }
  var answer: (socket: unknown, data: unknown) => Promise<void>
  var logger: FastifyBaseLogger
  var supervise: typeof inCluster
  var fakeProcess: typeof inFakeProcess
  var fake: FakeProcess
  var assertHookOrder: typeof hookOrder
  var assert: typeof strict
  var build: () => Promise<FastifyInstance>
  var consumer: Stoppable & { disconnect(): Promise<void> }
  var scheduler: Stoppable
  var db: { end(): Promise<void>; ping(options?: Cancellable): Promise<void> }
  var pool: AsyncDisposable
  var connection: AsyncDisposable
  var session: { leave(): Promise<void>; on(event: 'left', listener: () => void): void }
  var stream: { end(): void }
  var outbox: { flush(options?: Cancellable): Promise<void> }
  var metrics: { flush(): Promise<void>; push(): Promise<void> }
  var cache: { fill(): Promise<void>; ping(options?: Cancellable): Promise<void> }
  var search: { ping(): Promise<void> }
  var channel: { isOpen: boolean }
  var statsd: { increment(name: string): void }
  var captureException: (error: unknown, context?: object) => void
  var gauge: { set(labels: object, value: number): void }
  var queue: { jobs(options: Cancellable): AsyncIterable<object> }
  var run: (job: object) => Promise<void>
  var rows: Iterable<object>
  var insert: (row: object, options: Cancellable) => Promise<void>
  var order: object
  var authorize: (request: object) => Promise<void>
  var sendMail: (order: object) => Promise<void>
  var reindex: (options: Cancellable) => Promise<void>
}
