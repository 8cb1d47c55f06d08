import { isGood } from '../clients/probes.ts'
import type { Observations } from '../observations.ts'
import { type Finding, fault, ms } from './finding.ts'

/** How long an app may take to react to the signal, in ms. */
const hearing = 500

/** The faults in the answers of the probes. */
export function findInProbes(seen: Observations): readonly Finding[] {
  return seen.probes.flatMap((probing) =>
    probing.name === 'ready' ? inReadiness(probing, seen) : inLiveness(probing, seen)
  )
}

type Probing = Observations['probes'][number]

function inReadiness(
  { path, changes, lastGood }: Probing,
  { longestStall, isHandedOver }: Observations
): readonly Finding[] {
  const firstBad = changes.findIndex(({ answer }) => !isGood(answer))
  const returned = firstBad === -1 ? undefined : changes.slice(firstBad).find(({ answer }) => isGood(answer))
  if (returned !== undefined) {
    return [
      fault(
        'readiness-returns',
        `Readiness (${path}) said ${returned.answer} again ${ms(returned.at)} after the signal`,
        'A balancer sends requests to an app that is about to end.',
        'Once a shutdown has begun, readiness must fail until the end.'
      )
    ]
  }
  const isTold = changes.some(({ answer }) => typeof answer === 'number' && !isGood(answer))
  if (isTold || isHandedOver || lastGood < hearing + longestStall) return []
  return [
    fault(
      'readiness-stays-ready',
      `Readiness (${path}) still said yes ${ms(lastGood)} after the signal`,
      'Balancers that ask it go on sending requests until the app is gone.',
      'Answer 503 from the signal on. The plugin does, on /readyz.'
    )
  ]
}

function inLiveness({ path, changes, before }: Probing, { probes }: Observations): readonly Finding[] {
  const isReadiness = probes.some((other) => other.name === 'ready' && other.path === path)
  const bad = changes.find(({ answer }) => typeof answer === 'number' && !isGood(answer))
  if (bad === undefined || !isGood(before)) return []
  return [
    fault(
      'liveness-fails',
      `Liveness (${path}) said ${bad.answer} ${ms(bad.at)} after the signal`,
      `A platform restarts an app that is not live: in the middle of its drain it is killed.${isReadiness ? ' It is the path of readiness, too.' : ''}`,
      'Liveness stays 200 until the end: it asks whether a restart would help. Readiness says that no requests should come. They need two paths.'
    )
  ]
}
