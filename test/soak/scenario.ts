import fc from 'fast-check'
import type { HookPhase, LifecycleOptions } from '../../index.ts'

/** What a hook of a scenario does after so many ms. */
export interface ScenarioHook {
  readonly name: string
  readonly phase: HookPhase
  readonly ms: number
  readonly does: 'end' | 'fail' | 'hang'
}

/** How clients spend their time. */
export type Pastime =
  | 'kept'
  | 'new each time'
  | 'posts'
  | 'downloads'
  | 'events'
  | 'websocket'
  | 'hung'
  | 'late hooks'
  | 'leaves'
  | 'subscription'

export type Ending = 'SIGTERM' | 'SIGINT' | 'SIGTERM twice' | 'crash' | 'shutdown()' | 'close()'

/** An app, its clients, and how it ends: all that a seed decides. */
export interface Scenario {
  readonly protocol: 'HTTP/1.1' | 'HTTP/2'
  readonly options: LifecycleOptions
  readonly hooks: readonly ScenarioHook[]
  /** For how many ms each piece of tracked work goes on: half of that in a step of its own. */
  readonly work: readonly number[]
  readonly clients: readonly { readonly pastime: Pastime; readonly count: number }[]
  /** Between two requests of a client, in ms, at most. */
  readonly pause: number
  readonly ending: Ending
  /** For how many ms the app serves before. */
  readonly after: number
}

/** What a hook may take that hangs, and what a request may take that is hung. */
export const hookTimeout = 400
export const drainTimeout = 1_500

const hook = fc.record({
  phase: fc.constantFrom<HookPhase>('lameDuck', 'draining', 'closing'),
  ms: fc.nat(150),
  does: fc.constantFrom<ScenarioHook['does']>('end', 'end', 'end', 'end', 'fail', 'hang')
})

const lameDuck = fc.oneof(
  fc.constant<LifecycleOptions['lameDuck']>(0),
  fc.integer({ min: 50, max: 400 }),
  fc.record({ max: fc.integer({ min: 200, max: 600 }), probes: fc.integer({ min: 1, max: 3 }) })
)

const pastimes: readonly Pastime[] = [
  'kept',
  'new each time',
  'posts',
  'downloads',
  'events',
  'websocket',
  'hung',
  'late hooks',
  'leaves',
  'subscription'
]

const scenarios: fc.Arbitrary<Scenario> = fc
  .record({
    protocol: fc.constantFrom<Scenario['protocol']>('HTTP/1.1', 'HTTP/1.1', 'HTTP/2'),
    lameDuck,
    hooks: fc.array(hook, { maxLength: 4 }),
    work: fc.array(fc.nat(600), { maxLength: 3 }),
    pastimes: fc.subarray([...pastimes], { minLength: 1 }),
    counts: fc.array(fc.integer({ min: 1, max: 8 }), { minLength: 10, maxLength: 10 }),
    pause: fc.integer({ min: 2, max: 20 }),
    ending: fc.constantFrom<Ending>('SIGTERM', 'SIGINT', 'SIGTERM twice', 'crash', 'shutdown()', 'close()'),
    after: fc.integer({ min: 20, max: 400 }),
    handOver: fc.boolean()
  })
  .map(({ lameDuck, handOver, hooks, pastimes, counts, ...rest }) => ({
    ...rest,
    options: {
      deadline: 9_000,
      drainTimeout,
      hookTimeout,
      handOver,
      ...(lameDuck !== undefined && { lameDuck })
    },
    hooks: hooks.map((each, index) => ({ name: `hook-${index}`, ...each })),
    clients: pastimes
      .filter((pastime) => pastime !== 'websocket' || rest.protocol === 'HTTP/1.1')
      // Who never gets an answer comes alone: the drain waits for one as long as for eight.
      .map((pastime, index) => ({ pastime, count: pastime === 'hung' ? 1 : (counts[index] ?? 1) }))
  }))

/** The same seed gives the same scenario. */
export function scenarioOf(seed: number): Scenario {
  return fc.sample(scenarios, { seed, numRuns: 1 })[0] as Scenario
}
