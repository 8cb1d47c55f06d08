import type { LogLevel } from 'fastify'

/** The option `health`: where the probes are, and what they say. */
export interface HealthOptions {
  /**
   * The path of the liveness probe. `false`: none.
   *
   * @default '/livez'
   * @example
   * ```ts
   * await app.register(lifecycle, { health: { live: '/health/live', ready: '/health/ready' } })
   * ```
   */
  live?: string | false

  /**
   * The path of the readiness probe. `false`: none.
   *
   * @default '/readyz'
   * @example
   * ```ts
   * await app.register(lifecycle, { health: { ready: '/health/ready' } })
   * ```
   */
  ready?: string | false

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
  startup?: string | false

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
  port?: number

  /**
   * The address of that port.
   *
   * @default every address
   * @example
   * ```ts
   * await app.register(lifecycle, { health: { port: 9_000, host: '127.0.0.1' } })
   * ```
   */
  host?: string

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
  routes?: boolean

  /**
   * Whether answers say what holds readiness off and how each check is; with `'errors'` also the
   * messages of what the checks failed with, which may hold what is not for everybody.
   *
   * @default false
   * @example
   * ```ts
   * await app.register(lifecycle, { health: { details: true } })
   * ```
   */
  details?: boolean | 'errors'

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
  openapi?: boolean

  /**
   * The level at which requests to the probes are logged.
   *
   * @default 'silent'
   * @example
   * ```ts
   * await app.register(lifecycle, { health: { logLevel: 'debug' } })
   * ```
   */
  logLevel?: LogLevel
}

/** The option `health` with every default filled in. */
export interface HealthSettings {
  readonly live: string | false
  readonly ready: string | false
  readonly startup: string | false
  readonly port: number | undefined
  readonly host: string | undefined
  readonly routes: boolean
  readonly details: boolean | 'errors'
  readonly openapi: boolean
  readonly logLevel: LogLevel
}
