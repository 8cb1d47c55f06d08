import type { LogLevel } from 'fastify'
import type { Complete } from '../validation/complete.ts'

/** The option `health`: the addresses of the probes, and what they answer. */
export interface HealthOptions {
  /**
   * The path of the liveness probe, written as a client sends it. `false` disables the probe.
   *
   * @default '/livez'
   * @example
   * ```ts
   * await app.register(lifecycle, { health: { live: '/health/live', ready: '/health/ready' } })
   * ```
   */
  live?: string | false | undefined

  /**
   * The path of the readiness probe, written as a client sends it. `false` disables the probe.
   *
   * @default '/readyz'
   * @example
   * ```ts
   * await app.register(lifecycle, { health: { ready: '/health/ready' } })
   * ```
   */
  ready?: string | false | undefined

  /**
   * The path of the startup probe. The probe answers 200 once the app has become ready and its startup checks have
   * succeeded. From then on it always answers 200. `false` disables the probe.
   *
   * @default false
   * @example
   * ```ts
   * await app.register(lifecycle, { health: { startup: '/startupz' } })
   * ```
   */
  startup?: string | false | undefined

  /**
   * A port only for the probes. The plugin answers on this port from the registration to the end of the shutdown, even
   * while the closing hooks run. The port does not keep the process alive. If the app cannot listen on the port, `register`
   * rejects with `FST_LIFECYCLE_PROBE_PORT`.
   *
   * @default none: the app answers the probes on its own port
   * @example
   * ```ts
   * await app.register(lifecycle, { health: { port: 9_000 } })
   * ```
   */
  port?: number | undefined

  /**
   * The address of the probe port.
   *
   * @default every address
   * @example
   * ```ts
   * await app.register(lifecycle, { health: { port: 9_000, host: '127.0.0.1' } })
   * ```
   */
  host?: string | undefined

  /**
   * Whether the app itself answers the probes. `false` needs a `port`, because otherwise nothing would answer
   * the probes. To have no probes at all, set `health: false`.
   *
   * @default true; false if the probes have a `port`
   * @example
   * ```ts
   * await app.register(lifecycle, { health: { port: 9_000, routes: true } }) // in both places
   * ```
   */
  routes?: boolean | undefined

  /**
   * Whether an answer lists the holds and the state of each check. `'errors'` adds the messages of failed
   * checks, which may contain confidential data. With details, a probe also answers `?verbose`,
   * `?exclude=name`, and the path of one check, such as `/readyz/db`.
   *
   * @default false
   * @example
   * ```ts
   * await app.register(lifecycle, { health: { details: true } })
   * ```
   */
  details?: boolean | 'errors' | undefined

  /**
   * Whether `@fastify/swagger` describes the probes in its OpenAPI document. Register `@fastify/swagger` before
   * this plugin. With `false`, the probes are hidden from the document.
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
