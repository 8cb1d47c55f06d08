import type { LifecycleOptions } from '../lib/options/options.ts'
import type { GivenFlags } from './flags.ts'

/** The flags for single options of the app, which all commands share. */
export const singleFlags = {
  deadline: { value: '<ms>', text: 'the options as they are given to `register`; what is left out is' },
  'lame-duck': { value: '<ms>', text: 'what the plugin uses on that platform' },
  'drain-timeout': { value: '<ms>', text: '' },
  'hand-over': { text: 'others take new connections as soon as the app accepts none, `handOver`' },
  signals: { value: '<names>', text: 'SIGTERM,SIGINT' },
  ready: { value: '<path>', text: 'the path of the readiness probe, /readyz' },
  live: { value: '<path>', text: 'the path of the liveness probe, /livez' },
  startup: { value: '<path>', text: 'the path of the startup probe' },
  'probe-port': { value: '<port>', text: 'the port that the probes have for themselves, `health.port`' }
} as const

type Given = GivenFlags<typeof singleFlags>

/** The options that flags set. They override the options of a module. */
export function optionsFromFlags(given: Given, base: LifecycleOptions = {}): LifecycleOptions {
  const health = withoutHoles({
    live: given.live,
    ready: given.ready,
    startup: given.startup,
    port: numberFrom(given['probe-port'])
  })
  return {
    ...base,
    ...withoutHoles({
      deadline: numberFrom(given.deadline),
      lameDuck: numberFrom(given['lame-duck']),
      drainTimeout: numberFrom(given['drain-timeout']),
      handOver: given['hand-over'],
      signals: given.signals?.split(',').map((name) => name.trim())
    }),
    ...(Object.keys(health).length > 0 && { health: { ...(base.health || {}), ...health } })
  }
}

/** A text that is no number stays a text, so that the check of the option reports it. */
export function numberFrom(value: string | undefined): number | undefined {
  return value !== undefined && /^\d+(\.\d+)?$/.test(value) ? Number(value) : (value as undefined)
}

function withoutHoles(values: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined))
}
