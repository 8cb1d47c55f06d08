import type { LifecycleOptions } from '../lib/options/options.ts'
import { type Settings, settingsOf } from '../lib/options/settings.ts'
import type { ShutdownSignal } from '../lib/process/shutdown-signals.ts'
import type { Place } from './options.ts'

/** How the deadline is divided, in ms: what the plugin uses on this platform. */
export interface BudgetShares {
  readonly deadline: number
  readonly lameDuck: number
  readonly drainTimeout: number
  /** What is left for ending the connections, the hooks and `onClose` when the others take all they may. */
  readonly hooks: number
}

/** An app on one platform: the settings that the plugin has there, and what the platform must know. */
export interface Site {
  readonly settings: Settings
  readonly budget: BudgetShares
  readonly place: Place
}

/** What every platform's values come with. */
export interface Advice {
  /** How the deadline is divided on this platform. */
  readonly budget: BudgetShares
  /** What does not agree, in plain words. Empty where everything does. */
  readonly warnings: readonly string[]
  /** What is worth knowing. */
  readonly notes: readonly string[]
  /** The values in the platform's own language, with the warnings and notes as comments. */
  toText(): string
}

/** The plugin's defaults depend on whether it runs in Kubernetes, not on where this runs. */
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

/** Where the probes are answered: on a port of their own, if they have one that is known. */
export function probePortOf({ settings, place }: Site): number {
  return settings.health.port || place.port
}

/** The signal that a platform should stop the app with, where one can tell it. */
export function stopSignalOf({ settings }: Site): ShutdownSignal {
  const possible = settings.signals.filter((signal) => signal !== 'SIGBREAK')
  return possible.includes('SIGTERM') ? 'SIGTERM' : (possible[0] ?? 'SIGTERM')
}

/** A probe's path as it stands in a request line, without a character that has a meaning in a configuration file. */
export function urlOf(path: string): string {
  return encodeURI(path).replaceAll(/['#$;&]/g, (character) => `%${character.charCodeAt(0).toString(16)}`)
}
