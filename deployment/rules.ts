import type { ShutdownSignal } from '../lib/options.ts'
import { noticingTime, type Probing } from './probing.ts'
import type { Site } from './site.ts'

// What must agree, each rule in one function: what it says if it is broken, or nothing.

/** The platform's stop signal must be one that the app listens to. */
export function signalRule({ settings }: Site, signal: ShutdownSignal, platform: string): string[] {
  if (settings.signals.includes(signal)) return []
  return [
    `${platform} stops the app with ${signal}, but \`signals\` does not have it: nothing is drained, and no hook runs. Add it to \`signals\`.`
  ]
}

/** The platform's kill must come after the deadline, with its reserve. */
export function graceRule({ settings, place }: Site, needed: number, setting: string): string[] {
  const { grace } = place
  if (grace === undefined || grace >= needed) return []
  return [
    `${setting} of ${grace} ms is too short for a \`deadline\` of ${settings.deadline} ms: the kill may come first. Raise it to ${needed} ms, or lower \`deadline\` to ${Math.max(0, settings.deadline - (needed - grace))} ms.`
  ]
}

/** Who probes must have noticed before the lame duck is over. */
export function lameDuckRule({ settings }: Site, probing: Probing): string[] {
  const { max, min, probes } = settings.lameDuck
  const needed = noticingTime(probing)
  const { period, timeout, failures } = probing
  if (max < needed) {
    return [
      `\`lameDuck\` is ${max} ms, but these probes may need ${needed} ms to notice (${failures} × ${period} ms and ${timeout} ms for the last answer): requests that come in between may be answered 503. Raise \`lameDuck\` to at least ${needed} ms, or probe more often.`
    ]
  }
  if (min < needed && probes < failures) {
    return [
      `\`lameDuck\` may end after ${probes} failed ${probes === 1 ? 'probe' : 'probes'}, but it takes ${failures} in a row to be believed. Raise \`lameDuck.probes\` to ${failures} for each prober, or \`lameDuck.min\` to ${needed} ms.`
    ]
  }
  return []
}

/** Without a readiness probe that can be found nobody looks away. */
export function readinessRule({ settings }: Site): string[] {
  const { ready, port, routes } = settings.health
  const unseen = 'and nobody notices that the app is about to go.'
  if (ready === false) return [`\`health.ready\` is false, so there is nothing to probe, ${unseen}`]
  if (port !== 0 || routes) return []
  return [`\`health.port\` is 0, which is another port each time, so nobody knows where to probe, ${unseen}`]
}

/** What the lame duck and the drain leave over is the hooks'. */
export function hooksRule({ budget }: Site): string[] {
  if (budget.hooks > 0) return []
  return [
    '`lameDuck` and `drainTimeout` take all of `deadline`, so that nothing may be left for the hooks. Lower one of them.'
  ]
}

/** Not a broken rule, but what an option leaves to others. */
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
