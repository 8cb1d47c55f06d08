import type { Observations } from '../observations.ts'
import { count, type Finding, ms, note } from './finding.ts'

const longBoot = 10_000
/** If a client gets no CPU time for longer than this, it does not behave like a real client; in ms. */
const longStall = 250
const shortLife = 1_000

/** Things that are worth knowing, but no faults. */
export function findNotes(seen: Observations): readonly Finding[] {
  return [
    ...onlyMissing(seen),
    ...nothingInFlight(seen),
    ...noReadiness(seen),
    ...noLameDuck(seen),
    ...noRetryAfter(seen),
    ...logsNothing(seen),
    ...slowBoot(seen),
    ...busyMachine(seen)
  ]
}

function onlyMissing({ tally }: Observations): readonly Finding[] {
  if (tally.usual.size === 0 || [...tally.usual].some((status) => status < 400)) return []
  return [
    note(
      'no-real-work',
      `Every request was answered ${[...tally.usual].join(' or ')}`,
      'So nothing was seen of the routes that do work.',
      'Name one of them: --path /orders. Where it needs a token: --header "authorization: …"'
    )
  ]
}

function nothingInFlight({ tally }: Observations): readonly Finding[] {
  if (tally.inFlightAtSignal > 0) return []
  return [
    note(
      'nothing-in-flight',
      'No request was in flight at the signal',
      'The app is so fast that nothing was seen of how it treats them.',
      'Name a path that takes time, or try more moments: --repeat 20'
    )
  ]
}

function noReadiness({ probes }: Observations): readonly Finding[] {
  if (probes.some(({ name }) => name === 'ready')) return []
  return [
    note(
      'no-readiness',
      'No readiness probe was found',
      'A balancer can learn only from errors that the app ends.',
      'Name it: --ready /health. If there is none, the plugin adds /readyz.'
    )
  ]
}

function noLameDuck({ exit, isHandedOver }: Observations): readonly Finding[] {
  if (exit === undefined || exit.after >= shortLife || isHandedOver) return []
  return [
    note(
      'no-lame-duck',
      `The app was gone ${ms(exit.after)} after the signal`,
      'Behind a balancer, and in Kubernetes, requests go on coming for seconds, and find nobody.',
      'Go on serving that long with readiness failing. With the plugin: `lameDuck: 5_000`, which is the default in Kubernetes.'
    )
  ]
}

function noRetryAfter({ tally }: Observations): readonly Finding[] {
  const told = tally.counts.inFlight.toldToComeBack + tally.counts.after.toldToComeBack
  if (told === tally.withRetryAfter) return []
  return [
    note(
      'no-retry-after',
      `${count(told - tally.withRetryAfter, 'response')} with 503 had no \`Retry-After\``,
      'Its clients do not know when to come back.',
      'Add the header. The plugin does.'
    )
  ]
}

function logsNothing({ linesAfterSignal }: Observations): readonly Finding[] {
  if (linesAfterSignal !== 0) return []
  return [
    note(
      'logs-nothing',
      'The app wrote nothing from the signal on',
      'If it hangs one day, nobody will know in what.',
      'Log when the shutdown begins, what it waits for, and that it is over. The plugin does, if the app has a logger.'
    )
  ]
}

function slowBoot({ bootTime }: Observations): readonly Finding[] {
  if (bootTime < longBoot) return []
  return [
    note(
      'slow-boot',
      `The app took ${ms(bootTime)} until it answered`,
      'So long a rolling restart has a server less.',
      'Give the startup probe that much time.'
    )
  ]
}

function busyMachine({ longestStall }: Observations): readonly Finding[] {
  if (longestStall < longStall) return []
  return [
    note(
      'busy-machine',
      `The clients got no CPU time for up to ${ms(longestStall)}`,
      'Times say little then. A request counts as lost only where its connection failed, however long that took.',
      'Run it again on a machine that has less to do.'
    )
  ]
}
