import type { FastifyPluginAsync } from 'fastify'
import fp from 'fastify-plugin'
import type { Settings } from './settings.ts'
import { memoryStore, type OrderStore, postgresStore } from './store.ts'

declare module 'fastify' {
  interface FastifyInstance {
    readonly store: OrderStore
  }
}

const plugin: FastifyPluginAsync<Settings> = async (app, { databaseUrl, schema }) => {
  const warn = (error: Error) => app.log.warn(error, 'an idle connection to the database broke')
  const store = databaseUrl === undefined ? memoryStore() : await postgresStore(databaseUrl, schema, warn)
  if (databaseUrl === undefined) {
    app.log.warn('NO DATABASE: DATABASE_URL is not set, so all orders are lost when the process ends')
  }
  app.decorate('store', store)
  app.lifecycle.addCheck('database', () => store.ping())
  app.onShutdown('database', () => store.end())
}

/**
 * Where the orders are kept. It stops last: in the phase `closing`, when nothing is in flight, and
 * after every hook that names it in `dependsOn`.
 */
export const database: FastifyPluginAsync<Settings> = fp(plugin, { name: 'database' })
