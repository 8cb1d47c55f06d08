import { connections } from './connections.ts'
import { deadline } from './deadline.ts'
import { inFlight } from './in-flight.ts'
import { newRequests } from './new-requests.ts'
import { ofTheProcess } from './process.ts'
import type { Scenario } from './scenario.ts'

/** The scenarios, in the order of the page. */
export const groups: readonly { readonly title: string; readonly scenarios: readonly Scenario[] }[] = [
  { title: 'Requests in flight', scenarios: inFlight },
  { title: 'New requests', scenarios: newRequests },
  { title: 'Connections', scenarios: connections },
  { title: 'What never ends', scenarios: deadline },
  { title: 'The process', scenarios: ofTheProcess }
]

export const scenarios: readonly Scenario[] = groups.flatMap((group) => group.scenarios)
