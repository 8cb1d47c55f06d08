import Fastify from 'fastify'
import lifecycle from 'fastify-lifecycle'
import { go, ways } from './ways.ts'

// An app that ends in the way that its argument names.

const way = ways[process.argv[2] ?? ''] ?? {}
const app = Fastify({ logger: true })
await app.register(lifecycle, way.options ?? {})
await go(way, app)
