import type { Complete } from '../lib/validation/complete.ts'
import {
  anArray,
  anObject,
  aPort,
  invalid,
  milliseconds,
  onlyKeys,
  wholeNumber
} from '../lib/validation/validate.ts'

/** The options of `deploymentFor`: facts that the app's own options do not contain. All are optional. */
export interface DeploymentOptions {
  /**
   * The name of the app: lower-case letters, digits and hyphens, at most 63.
   *
   * @default 'app'
   * @example
   * ```ts
   * deploymentFor(options, { name: 'orders' })
   * ```
   */
  name?: string | undefined

  /**
   * The container image.
   *
   * @default the `name`, with the tag `latest`
   * @example
   * ```ts
   * deploymentFor(options, { image: 'registry.example/orders:1.4.2' })
   * ```
   */
  image?: string | undefined

  /**
   * The port that the app listens on.
   *
   * @default 3000
   * @example
   * ```ts
   * deploymentFor(options, { port: 8080 })
   * ```
   */
  port?: number | undefined

  /**
   * The hosts that a proxy finds the app on: names or addresses, IPv6 in brackets.
   *
   * @default ['192.0.2.1', '192.0.2.2'], which are reserved for documentation
   * @example
   * ```ts
   * deploymentFor(options, { hosts: ['10.0.0.7', '10.0.0.8'] })
   * ```
   */
  hosts?: readonly string[] | undefined

  /**
   * How many pods Kubernetes runs.
   *
   * @default 2
   * @example
   * ```ts
   * deploymentFor(options, { replicas: 6 })
   * ```
   */
  replicas?: number | undefined

  /**
   * How long the platform waits between its stop signal and the kill, in ms, if that time is fixed already. It
   * is not changed. A warning says if it is too short.
   *
   * @default what the `deadline` needs
   * @example
   * ```ts
   * deploymentFor(options, { grace: 30_000 })
   * ```
   */
  grace?: number | undefined

  /**
   * How readiness is probed, if that is fixed already. `period` is the time between two probes and `timeout`
   * the time that an answer may take, in ms. `failures` says how many probes in a row must fail. `recheck` is
   * the time between two probes once one has failed: HAProxy's `fastinter`. Values that you leave out are
   * chosen to fit. A warning says if the lame duck is too short. In Kubernetes, a pod leaves its Services at
   * the signal, whatever the probe says.
   *
   * @default chosen so that the lame duck covers it
   * @example
   * ```ts
   * deploymentFor(options, { probe: { period: 10_000, timeout: 1_000, failures: 3 } })
   * ```
   */
  probe?:
    | {
        period?: number | undefined
        timeout?: number | undefined
        failures?: number | undefined
        recheck?: number | undefined
      }
    | undefined
}

/** The options of `deploymentFor`, with the defaults that are the same on every platform. */
export interface Place {
  readonly name: string
  readonly image: string
  readonly port: number
  readonly hosts: readonly string[]
  readonly replicas: number
  readonly grace: number | undefined
  readonly probe: Partial<Complete<NonNullable<DeploymentOptions['probe']>>>
}

const optionNames = [
  'name',
  'image',
  'port',
  'hosts',
  'replicas',
  'grace',
  'probe'
] as const satisfies readonly (keyof DeploymentOptions)[]

// These values are written into configuration files. The patterns allow no character that has a meaning in such a
// file, so a value cannot add a setting.
const safeName = /^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/
const safeImage = /^\w[\w.\-/:@]*$/
const safeHost = /^(\w[\w.-]*|\[[\da-f:.]+\])$/i

/** Checks the options and fills in the defaults. Throws a coded error for the first option that is wrong. */
export function placeOf(options: DeploymentOptions): Place {
  const given = onlyKeys<DeploymentOptions>('', anObject('platform', options), optionNames)
  const { name = 'app', port = 3000, hosts = ['192.0.2.1', '192.0.2.2'], replicas = 2, probe = {} } = given
  matching('name', name, safeName, 'a name of lower-case letters, digits and hyphens')
  const { image = `${name}:latest`, grace } = given
  return {
    name,
    image: matching('image', image, safeImage, 'the name of an image'),
    port: aPort('port', port, 1),
    hosts: hostsOf(hosts),
    replicas: wholeNumber('replicas', replicas, 'pods'),
    grace: grace === undefined ? undefined : milliseconds('grace', grace),
    probe: probeOf(probe)
  }
}

function matching(option: string, value: unknown, pattern: RegExp, expected: string): string {
  if (typeof value === 'string' && pattern.test(value)) return value
  throw invalid(option, expected, value)
}

function hostsOf(value: readonly string[]): readonly string[] {
  const hosts = anArray('hosts', 'an array of at least one host', value)
  if (hosts.length === 0) throw invalid('hosts', 'an array of at least one host', value)
  return hosts.map((host, index) => matching(`hosts[${index}]`, host, safeHost, 'a host name or an address'))
}

function probeOf(value: NonNullable<DeploymentOptions['probe']>): Place['probe'] {
  const named = onlyKeys<Place['probe']>('probe', value, ['period', 'timeout', 'failures', 'recheck'])
  const given = Object.entries(named).filter(([, number]) => number !== undefined)
  for (const [key, number] of given) {
    const option = `probe.${key}`
    const checked = key === 'failures' ? wholeNumber(option, number, 'probes') : milliseconds(option, number)
    if (checked === 0) throw invalid(option, 'more than 0', number)
  }
  return Object.fromEntries(given)
}
