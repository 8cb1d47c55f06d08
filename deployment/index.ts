/**
 * The settings of platforms that fit the options of the app.
 *
 * @module
 */

import type { LifecycleOptions } from '../lib/options/options.ts'
import { deepFreeze } from '../lib/report/report.ts'
import { anObject } from '../lib/validation/validate.ts'
import { type DeploymentOptions, placeOf } from './options.ts'
import { type Deployment, platformNames, platforms } from './platforms.ts'
import { siteIn } from './site.ts'

/**
 * The settings of platforms that fit the app's options: grace periods, probes, checks, signals.
 * `warnings` says in plain words which values do not fit. `toText()` writes the platform's own configuration.
 *
 * If the options leave a time out, the plugin's default on that platform counts. The settings of a platform
 * are made when you read its property, because options may be possible on only one platform. If the options are
 * impossible there, reading the property throws the same error as `register`.
 *
 * Throws `FST_LIFECYCLE_OPTION_UNKNOWN` or `FST_LIFECYCLE_OPTION_INVALID` for a `platform` that it
 * cannot use.
 *
 * @param options The options of `app.register(lifecycle, options)`.
 * @param platform Facts about the platform that the app's options do not contain.
 * @default `{}`
 * @example
 * ```ts
 * import { deploymentFor } from 'fastify-lifecycle/deployment'
 *
 * const { kubernetes, haproxy } = deploymentFor({ deadline: 40_000, lameDuck: 10_000 }, { name: 'orders' })
 * kubernetes.terminationGracePeriodSeconds // 45
 * await writeFile('deployment.yaml', kubernetes.toText())
 * ```
 */
export function deploymentFor(options: LifecycleOptions, platform: DeploymentOptions = {}): Deployment {
  anObject('options', options)
  const place = placeOf(platform)
  const deployment = {}
  for (const name of platformNames) {
    const where = name === 'kubernetes' ? 'kubernetes' : 'elsewhere'
    let values: unknown
    const get = () => {
      values ??= deepFreeze(platforms[name](siteIn(where, options, place)))
      return values
    }
    Object.defineProperty(deployment, name, { enumerable: true, get })
  }
  return Object.freeze(deployment) as Deployment
}

export type { ComposeFile, ComposeValues, DockerValues } from './docker.ts'
export type { HAProxyValues } from './haproxy.ts'
export type { KubernetesManifest, KubernetesProbe, KubernetesValues } from './kubernetes.ts'
export type { NginxValues } from './nginx.ts'
export type { DeploymentOptions } from './options.ts'
export type { Deployment, Platform } from './platforms.ts'
export type { PM2Values } from './pm2.ts'
export type { Advice, BudgetShares } from './site.ts'
export type { SystemdValues } from './systemd.ts'
