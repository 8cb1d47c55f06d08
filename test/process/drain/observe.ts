import type { AddressInfo } from 'node:net'
import type { FixtureHook } from '../../fixtures/serve.ts'
import { AppProcess, type Exit } from '../../support/app-process.ts'

/** What a client sees, and how the process ends: one row of the table. */
export interface Observation {
  readonly response: string
  readonly farewell: string
  /** When the last response had arrived; without one, when the drain was free to end. */
  readonly last: number
}

/** An app in the middle of a scenario. */
export type RunningApp = AppProcess & { readonly port: number }

/** Something that clients do while the app shuts down, and what is to come of it. */
export interface Scenario {
  readonly name: string
  readonly transport: string
  /** The app, if not that of all transports. */
  readonly fixture?: string
  readonly setup: Readonly<Record<string, unknown>>
  readonly expected: { readonly response: string; readonly farewell: string; readonly exitCode: number }
  act(app: RunningApp): Promise<Observation>
}

/** A row of the table, as it was seen. */
export interface Row {
  readonly response: string
  readonly farewell: string
  readonly exit: Exit
  readonly msAfterLast: number
}

/** A hook that holds the drain open until the scenario says `release drain`. */
export const holdDrain: FixtureHook = { name: 'drain', phase: 'draining', timeout: 60_000, does: 'hold' }

/** Runs a scenario on a process of its own. */
export async function observe({
  fixture = 'transports',
  setup,
  act
}: Scenario): Promise<Row & { readonly app: AppProcess }> {
  const process = new AppProcess(fixture, setup, {})
  try {
    const [address] = await process.listening()
    const app = Object.assign(process, { port: (address as AddressInfo).port })
    const { response, farewell, last } = await act(app)
    const exit = await app.exited
    return { app, response, farewell, exit, msAfterLast: exit.at - last }
  } finally {
    process.end()
  }
}

/** Signals, and waits until the drain has begun. */
export async function drain(app: RunningApp): Promise<void> {
  app.kill('SIGTERM')
  await app.phase('draining')
}
