import { type EventEmitter, errorMonitor } from 'node:events'
import type { FastifyInstance } from 'fastify'
import { isPassedSocket } from '../process/neighbours.ts'
import { within } from '../time/within.ts'
import { currentBoot } from '../undocumented.ts'

/** How long Fastify may look for the other addresses of `localhost`, in ms. */
const lookUp = 500

/** The boot of an app, as far as the plugin can observe it. */
export interface Boot {
  /** Checks now whether the boot is over. A caller who awaits `app.ready()` may run before our own listener. */
  look(): void
  /**
   * Resolves when the boot has ended or failed. If a `listen()` waits for the boot, resolves when that
   * `listen()` has ended, too.
   */
  settled(): Promise<void>
  /** Whether the server listens on a socket that somebody else has opened. */
  isOnPassedSocket(): boolean
}

/**
 * Notices when the app is ready: when it listens, or when it has booted and `listen()` was not called. If `refusal`
 * returns an error, `listen()` fails with that error.
 */
export function watchBoot(
  app: FastifyInstance,
  becomeReady: () => void,
  refusal: () => Error | undefined
): Boot {
  const { server } = app
  const { listen } = server
  let wantsToListen = false
  let isPassed = false
  /** The `listen()` that was called last. */
  let attempt: Attempt | undefined
  let boot: unknown

  const hasBooted = () => boot !== undefined && currentBoot(app) !== boot
  const look = () => {
    if (hasBooted() && !wantsToListen) becomeReady()
  }
  const watched = function (this: typeof server, ...given: Parameters<typeof listen>): typeof server {
    const error = refusal()
    if (error !== undefined) {
      process.nextTick(() => server.emit('error', error))
      return server
    }
    wantsToListen = true
    isPassed = isPassedSocket(given[0])
    attempt?.end()
    attempt = watchAttempt(server)
    try {
      return listen.apply(server, given) as typeof server
    } catch (error) {
      wantsToListen = false
      attempt.end()
      throw error
    }
  }

  Object.assign(server, { listen: watched })
  app.addHook('onReady', (done) => {
    boot = currentBoot(app)
    app.ready().then(look, () => {})
    done()
  })
  const listensEverywhere = new Promise<void>((resolve) => {
    app.addHook('onListen', (done) => {
      becomeReady()
      resolve()
      done()
    })
  })
  return {
    look,
    isOnPassedSocket: () => isPassed,
    async settled() {
      await app.ready().then(undefined, () => {})
      await attempt?.over
      // Fastify looks up the other addresses of `localhost` next, and throws if the server is closed meanwhile.
      if (server.listening) await within(lookUp, listensEverywhere)
    }
  }
}

/** A `listen()` of the server. */
interface Attempt {
  /** Resolves when the server listens, or when it has failed to listen. */
  readonly over: Promise<void>
  end(): void
}

function watchAttempt(server: EventEmitter): Attempt {
  const attempt = new AbortController()
  const end = () => attempt.abort()
  const over = new Promise<void>((resolve) => {
    attempt.signal.onabort = () => {
      server.removeListener('listening', end)
      server.removeListener(errorMonitor, end)
      resolve()
    }
  })
  server.once('listening', end)
  // A listener for this event does not count as an error handler, so an unhandled error still throws.
  server.once(errorMonitor, end)
  return { over, end }
}
