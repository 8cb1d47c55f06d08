import type { LifecycleOptions } from '../lib/options/options.ts'
import { type Settings, settingsOf } from '../lib/options/settings.ts'
import type { ShutdownSignal } from '../lib/process/shutdown-signals.ts'
import type { Place } from './options.ts'

/** How the deadline is divided, in ms: what the plugin uses on this platform. */
export interface BudgetShares {
  readonly deadline: number
  readonly lameDuck: number
  readonly drainTimeout: number
  /** The time that is left for ending connections, hooks and `onClose` if `lameDuck` and `drainTimeout` are used up. */
  readonly hooks: number
}

/** An app on one platform: the plugin's settings on this platform, and the options of `deploymentFor`. */
export interface Site {
  readonly settings: Settings
  readonly budget: BudgetShares
  readonly place: Place
}

/** The budget, warnings and notes that come with the values of every platform. */
export interface Advice {
  /** How the deadline is divided on this platform. */
  readonly budget: BudgetShares
  /** Each conflict between the values and the app's options, in plain words. Empty if there is none. */
  readonly warnings: readonly string[]
  /** Facts that are worth knowing and need no action. */
  readonly notes: readonly string[]
  /** The values in the platform's own language, with the warnings and notes as comments. */
  toText(): string
}

/**
 * The site of an app, with the plugin's defaults of that platform. The environment of the current process does not
 * count, because this code usually runs outside Kubernetes.
 */
export function siteIn(where: 'kubernetes' | 'elsewhere', options: LifecycleOptions, place: Place): Site {
  const settings = settingsOf(options, where === 'kubernetes' ? { KUBERNETES_SERVICE_HOST: 'here' } : {})
  const { deadline, drainTimeout } = settings
  const lameDuck = settings.lameDuck.max
  return {
    settings,
    place,
    budget: { deadline, lameDuck, drainTimeout, hooks: Math.max(0, deadline - lameDuck - drainTimeout) }
  }
}

/** The port that answers the probes: the option `health.port`, if it is a fixed port, and the app's port otherwise. */
export function probePortOf({ settings, place }: Site): number {
  return settings.health.port || place.port
}

/** The signal to configure as the platform's stop signal. Platforms on Linux cannot send SIGBREAK. */
export function stopSignalOf({ settings }: Site): ShutdownSignal {
  const possible = settings.signals.filter((signal) => signal !== 'SIGBREAK')
  return possible.includes('SIGTERM') ? 'SIGTERM' : (possible[0] ?? 'SIGTERM')
}

/** A probe's path for a request line. Characters that have a meaning in a configuration file are encoded. */
export function urlOf(path: string): string {
  return encodeURI(path).replaceAll(/['#$;&]/g, (character) => `%${character.charCodeAt(0).toString(16)}`)
}
