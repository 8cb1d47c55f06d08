import type { LogLevel } from 'fastify'
import type { Complete } from '../validation/complete.ts'

/** The option `health`: where the probes are, and what they say. */
export interface HealthOptions {
  /**
   * The path of the liveness probe, written as a client sends it. `false`: none.
   *
   * @default '/livez'
   * @example
   * ```ts
   * await app.register(lifecycle, { health: { live: '/health/live', ready: '/health/ready' } })
   * ```
   */
  live?: string | false | undefined

  /**
   * The path of the readiness probe, written as a client sends it. `false`: none.
   *
   * @default '/readyz'
   * @example
   * ```ts
   * await app.register(lifecycle, { health: { ready: '/health/ready' } })
   * ```
   */
  ready?: string | false | undefined

  /**
   * The path of the startup probe: 200 once the app has become ready and its startup checks were
   * good, and for good from then on. `false`: none.
   *
   * @default false
   * @example
   * ```ts
   * await app.register(lifecycle, { health: { startup: '/startupz' } })
   * ```
   */
  startup?: string | false | undefined

  /**
   * A port for the probes alone, which answers from the registration to the very end, closing hooks
   * included, and does not keep the process alive. `register` rejects with
   * `FST_LIFECYCLE_PROBE_PORT` where it cannot be listened on.
   *
   * @default none: the app answers them
   * @example
   * ```ts
   * await app.register(lifecycle, { health: { port: 9_000 } })
   * ```
   */
  port?: number | undefined

  /**
   * The address of that port.
   *
   * @default every address
   * @example
   * ```ts
   * await app.register(lifecycle, { health: { port: 9_000, host: '127.0.0.1' } })
   * ```
   */
  host?: string | undefined

  /**
   * Whether the app itself answers the probes. `false` needs a `port`, for nobody else would answer them;
   * for no probes at all there is `health: false`.
   *
   * @default true; false where they have a `port`
   * @example
   * ```ts
   * await app.register(lifecycle, { health: { port: 9_000, routes: true } }) // in both places
   * ```
   */
  routes?: boolean | undefined

  /**
   * Whether an answer lists what holds readiness off, and the state of each check. `'errors'` adds the
   * messages of failed checks, which may contain something confidential. Then a probe also answers
   * `?verbose`, `?exclude=name`, and the path of one check, such as `/readyz/db`.
   *
   * @default false
   * @example
   * ```ts
   * await app.register(lifecycle, { health: { details: true } })
   * ```
   */
  details?: boolean | 'errors' | undefined

  /**
   * Whether the probes are described in OpenAPI, where `@fastify/swagger` was registered before this
   * plugin. Without it they are hidden there.
   *
   * @default false
   * @example
   * ```ts
   * await app.register(lifecycle, { health: { openapi: true } })
   * ```
   */
  openapi?: boolean | undefined

  /**
   * The level at which requests to the probes are logged.
   *
   * @default 'silent'
   * @example
   * ```ts
   * await app.register(lifecycle, { health: { logLevel: 'debug' } })
   * ```
   */
  logLevel?: LogLevel | undefined
}

/** The option `health` with every default filled in. */
export interface HealthSettings extends Complete<Omit<HealthOptions, 'port' | 'host'>> {
  readonly port: number | undefined
  readonly host: string | undefined
}
