import { once } from 'node:events'
import { setTimeout as sleep } from 'node:timers/promises'
import type { FastifyInstance } from 'fastify'
import type { LifecycleOptions } from 'fastify-lifecycle'

/** One way in which a process can end: its options, and what it does before it ends. */
interface Way {
  readonly options?: LifecycleOptions
  /** Before it listens. */
  prepare?(app: FastifyInstance): unknown
  /** While it serves. Otherwise it sends itself SIGTERM. */
  end?(app: FastifyInstance, address: string): unknown
}

const never = new Promise(() => {})

function terminate(): void {
  process.kill(process.pid, 'SIGTERM')
}

/** Resolves when the app has got the request. */
async function ask(app: FastifyInstance, url: string, init?: RequestInit): Promise<void> {
  const arrived = once(app.server, 'request')
  fetch(url, init).catch(() => {})
  await arrived
}

/** Every way to each exit code and each outcome, by what happens. */
export const ways: Readonly<Record<string, Way>> = {
  'all goes well': {
    prepare: (app) => app.get('/orders', () => sleep(50)),
    async end(app, address) {
      await ask(app, `${address}/orders`)
      terminate()
    }
  },
  'a hook takes too long': {
    prepare: (app) => app.onShutdown('outbox', { timeout: 300 }, () => never)
  },
  'a hook fails': {
    prepare: (app) => app.onShutdown('db', () => Promise.reject(new Error('the pool is gone')))
  },
  'a request takes too long': {
    options: { drainTimeout: 300 },
    prepare: (app) => app.get('/report', () => never),
    async end(app, address) {
      await ask(app, `${address}/report`)
      terminate()
    }
  },
  'a client leaves, and its request goes on': {
    options: { drainTimeout: 300 },
    prepare: (app) => app.post('/charge', () => never),
    async end(app, address) {
      const client = new AbortController()
      const closed = once(app.server, 'connection').then(([socket]) => once(socket, 'close'))
      await ask(app, `${address}/charge`, { method: 'POST', signal: client.signal })
      client.abort()
      await closed
      terminate()
    }
  },
  'tracked work takes too long': {
    options: { drainTimeout: 300 },
    prepare: (app) => void app.lifecycle.track(never, 'reindex')
  },
  'a plugin cannot close': {
    prepare: (app) => app.addHook('onClose', () => Promise.reject(new Error('the cache does not answer')))
  },
  'an error that nobody catches': {
    end() {
      throw new TypeError('order is undefined')
    }
  },
  'such an error during the shutdown': {
    prepare: (app) =>
      app.onShutdown('db', async () => {
        setImmediate(() => {
          throw new TypeError('pool is undefined')
        })
        await sleep(50)
      })
  },
  'the deadline': {
    options: { deadline: 1_000 },
    prepare: (app) => app.addHook('onClose', () => never)
  },
  'a second Ctrl-C': {
    prepare: (app) => app.onShutdown('outbox', () => sleep(4_000)),
    async end() {
      process.kill(process.pid, 'SIGINT')
      await sleep(700)
      process.kill(process.pid, 'SIGINT')
    }
  },
  'an exit code of the app': {
    prepare: (app) =>
      app.onShutdown('job', () => {
        process.exitCode = 3
      })
  },
  'something else ends the process': {
    prepare: (app) =>
      app.onShutdown('db', () => {
        process.exit(2)
      })
  },
  'the event loop is blocked': {
    options: { deadline: 2_000 },
    prepare: (app) =>
      app.onShutdown('outbox', async function compress() {
        await sleep(200)
        for (;;) {
          // Never yields to the event loop.
        }
      })
  },
  'the event loop is blocked, and no signal came': {
    options: { hardKill: { stall: 500 } },
    end: async function backtrack() {
      await sleep(300)
      for (;;) {
        // Never yields to the event loop.
      }
    }
  }
}

/** Ends as the way says. */
export async function go({ prepare, end = terminate }: Way, app: FastifyInstance): Promise<void> {
  await prepare?.(app)
  const address = await app.listen({ port: 0, host: '127.0.0.1' })
  setImmediate(() => end(app, address))
}
