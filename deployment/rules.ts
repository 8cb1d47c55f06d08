import type { Settings } from '../lib/options/settings.ts'
import type { ShutdownSignal } from '../lib/process/shutdown-signals.ts'
import type { Conflict } from './conflict.ts'
import { noticingTime, type Probing } from './probing.ts'
import type { Site } from './site.ts'

// Each function is one rule. It returns the conflict if the rule is broken, and nothing otherwise. `deploymentFor` uses
// the rules for the options that the user has fixed, and `fastify-lifecycle check` for the files that are deployed.

/** Checks that the app listens to the platform's stop signal. */
export function signalRule({ signals }: Settings, signal: string, platform: string): Conflict[] {
  if (signals.includes(signal as ShutdownSignal)) return []
  return [
    {
      rule: 'signal-unheard',
      severity: 'error',
      is: `${platform} stops the app with ${signal}, but \`signals\` does not have it`,
      follows: 'nothing is drained, and no hook runs',
      write: 'Add it to `signals`'
    }
  ]
}

/** The grace period that a platform has, and the grace period that the app needs; times in ms. */
export interface Grace {
  readonly given: number
  readonly needed: number
  /** The platform's name for the grace period: `stop_grace_period`. */
  readonly setting: string
  /** The advice for the user. */
  readonly remedy: string
}

/** Checks that the platform kills only after the deadline and the reserve. */
export function graceRule({ deadline }: Settings, { given, needed, setting, remedy }: Grace): Conflict[] {
  if (given >= needed) return []
  const possible = deadline - (needed - given)
  return [
    {
      rule: 'grace-too-short',
      severity: given < deadline ? 'error' : 'warning',
      is: `${setting} of ${given} ms is too short for a \`deadline\` of ${deadline} ms`,
      follows: 'the app may be killed before its deadline',
      write: possible > 0 ? `${remedy}, or lower \`deadline\` to ${possible} ms` : remedy
    }
  ]
}

/** Checks the grace period that the user has fixed with the option `grace` of `deploymentFor`. */
export function settledGraceRule({ settings, place }: Site, needed: number, setting: string): Conflict[] {
  if (place.grace === undefined) return []
  return graceRule(settings, { given: place.grace, needed, setting, remedy: `Raise it to ${needed} ms` })
}

/** Checks that a balancer which probes readiness stops sending requests before the lame duck is over. */
export function lameDuckRule({ lameDuck }: Settings, probing: Probing): Conflict[] {
  const { max, min, probes } = lameDuck
  const needed = noticingTime(probing)
  const { failures } = probing
  const rule = 'lame-duck-too-short'
  if (max < needed) {
    return [
      {
        rule,
        severity: 'error',
        is: `\`lameDuck\` is ${max} ms, but these probes may need ${needed} ms to notice (${sumOf(probing)})`,
        follows: 'requests that come in between may be answered 503',
        write: `Raise \`lameDuck\` to at least ${needed} ms, or probe more often`
      }
    ]
  }
  if (min < needed && probes > 0 && probes < failures) {
    return [
      {
        rule,
        severity: 'warning',
        is: `\`lameDuck\` may end after ${probes} failed ${probes === 1 ? 'probe' : 'probes'}`,
        follows: `it takes ${failures} in a row before a balancer stops sending, so later requests may be answered 503`,
        write: `Raise \`lameDuck.probes\` to ${failures}, or \`lameDuck.min\` to ${needed} ms`
      }
    ]
  }
  return []
}

function sumOf({ period, timeout, failures, recheck = period }: Probing): string {
  const answer = `and ${timeout} ms for the last answer`
  if (recheck === period || failures === 1) return `${failures} × ${period} ms ${answer}`
  return `${period} ms, ${failures - 1} × ${recheck} ms ${answer}`
}

/** The time in Kubernetes until every proxy and client knows that a pod is ending, in ms. */
const propagation = 2_000

/**
 * Checks that the lame duck in Kubernetes is long enough. Kubernetes takes a pod out of its Services when it sends the
 * signal, and does not wait for a probe to fail. But proxies and clients notice this later. A preStop hook gives them
 * more time: `delay`, in ms.
 */
export function propagationRule({ lameDuck }: Settings, delay = 0): Conflict[] {
  const { max, min, probes } = lameDuck
  const rule = 'lame-duck-too-short'
  const follows = 'requests that come after it are answered 503'
  if (max + delay < propagation) {
    return [
      {
        rule,
        severity: max + delay < propagation / 2 ? 'error' : 'warning',
        is: `\`lameDuck\` is ${max} ms, but some proxies send requests for up to ${propagation} ms after the signal`,
        follows,
        write: 'Raise `lameDuck` to at least 2000 ms; 5000 ms is the default in Kubernetes'
      }
    ]
  }
  if (probes === 0 || min + delay >= propagation) return []
  return [
    {
      rule,
      severity: 'warning',
      is: `\`lameDuck\` may end after ${probes} failed ${probes === 1 ? 'probe' : 'probes'} of the kubelet, but the kubelet sends no requests`,
      follows,
      write: `Set \`lameDuck.min\` to at least ${propagation} ms: the proxies that send requests may notice the shutdown later`
    }
  ]
}

/** Checks that the readiness probe has a path and a known port. Otherwise no balancer stops sending requests in time. */
export function readinessRule({ health }: Settings): Conflict[] {
  const { ready, port, routes } = health
  const conflict = { rule: 'probe-missing', severity: 'error' } as const
  const follows = 'nobody notices that the app is about to end'
  if (ready === false) {
    const is = '`health.ready` is false, so there is nothing to probe'
    return [{ ...conflict, is, follows, write: 'Give `health.ready` a path' }]
  }
  if (port !== 0 || routes) return []
  const is = '`health.port` is 0, which is another port each time, so nobody knows where to probe'
  return [{ ...conflict, is, follows, write: 'Give `health.port` a number' }]
}

/**
 * Checks that `handOver` is on if another process holds the socket during a restart. Then new connections wait in the
 * socket for the next process of the app.
 */
export function handOverRule({ handOver }: Settings): Conflict[] {
  if (handOver !== false) return []
  return [
    {
      rule: 'socket-not-used',
      severity: 'warning',
      is: '`handOver` is false, but the socket stays open while the app restarts',
      follows: 'the app answers 503 to requests that the next process could answer',
      write: 'Leave `handOver` out'
    }
  ]
}

/** Checks that the lame duck and the drain leave time for the hooks. */
export function hooksRule({ budget }: Pick<Site, 'budget'>): Conflict[] {
  if (budget.hooks > 0) return []
  return [
    {
      rule: 'no-time-for-hooks',
      severity: 'warning',
      is: '`lameDuck` and `drainTimeout` take all of `deadline`',
      follows: 'nothing may be left for the hooks',
      write: 'Lower one of them'
    }
  ]
}

/** Notes about options that leave the end of the process to the app or to the platform. No rule is broken. */
export function leftToOthers({ settings }: Site): string[] {
  const notes: string[] = []
  if (settings.hardKill === false) {
    notes.push(
      '`hardKill` is false: a process whose event loop is blocked lives until the platform kills it.'
    )
  }
  if (!settings.exit) {
    notes.push('`exit` is false: the app must end the process itself, or the platform kills it.')
  }
  return notes
}
