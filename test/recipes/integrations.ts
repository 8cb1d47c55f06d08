/** An integration: two small apps in a folder of `examples/integrations/`, with and without the recipe, and what is asked of both. */
export interface Integration {
  /** Also the folder. */
  readonly name: string
  readonly title: string
  /** What is under way when the signal comes. */
  readonly asked: string
}

export const integrations: readonly Integration[] = [
  { name: 'bullmq', title: 'BullMQ', asked: '5 jobs' },
  { name: 'pg-boss', title: 'pg-boss', asked: '5 jobs' },
  { name: 'graphile-worker', title: 'Graphile Worker', asked: '5 jobs' },
  { name: 'schedule', title: '@fastify/schedule', asked: '1 task' },
  { name: 'croner', title: 'croner', asked: '1 task' },
  { name: 'opentelemetry', title: 'OpenTelemetry NodeSDK', asked: '5 spans' },
  { name: 'opentelemetry-zero-code', title: 'OpenTelemetry zero-code', asked: '5 spans' },
  { name: 'datadog', title: 'Datadog', asked: '5 spans' },
  { name: 'sentry', title: 'Sentry', asked: '5 errors' },
  { name: 'websocket', title: '@fastify/websocket', asked: '10 messages' },
  { name: 'socket.io', title: 'socket.io', asked: '10 messages' },
  { name: 'yoga', title: 'GraphQL Yoga', asked: '5 subscriptions' },
  { name: 'trpc', title: 'tRPC', asked: '5 subscriptions' },
  { name: 'apollo', title: 'Apollo Server', asked: '5 queries in the lame duck' },
  { name: 'express', title: '@fastify/express', asked: '5 requests' },
  { name: 'middie', title: '@fastify/middie', asked: '5 requests' },
  { name: 'amqplib', title: 'amqplib', asked: '5 messages' },
  { name: 'nats', title: 'NATS', asked: '5 requests' },
  { name: 'mqtt', title: 'MQTT', asked: '5 messages' },
  { name: 'mysql2', title: 'mysql2 with MariaDB', asked: '5 requests' },
  { name: 'drizzle', title: 'Drizzle with pg', asked: '5 requests' },
  { name: 'prisma', title: 'Prisma with pg', asked: '5 transactions' },
  { name: 'redis', title: 'redis', asked: '5 requests' },
  { name: 'sqlite', title: 'node:sqlite', asked: '5 requests' },
  { name: 'winston', title: 'winston', asked: 'the last line' },
  { name: 'llm', title: 'LLM', asked: '5 answers of 12 s' },
  { name: 'mcp', title: 'MCP', asked: '5 calls, 5 streams' },
  { name: 'grpc', title: '@grpc/grpc-js', asked: '5 calls' }
]
