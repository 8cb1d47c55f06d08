import type { AddressInfo } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Report } from '../../index.ts'
import { AppProcess, type Exit } from '../support/app-process.ts'
import { Clients, type Seen } from './clients.ts'
import { violations } from './invariants.ts'
import { type Ending, type Scenario, scenarioOf } from './scenario.ts'

/** What was observed in one run. */
export interface Observed {
  readonly scenario: Scenario
  readonly seen: Seen
  readonly report: Report
  readonly exit: Exit
  /** When it was told to end, and how many responses it had finished when it began to. */
  readonly told: number
  readonly finishedBefore: number
  /** The names of the hooks, as often as they ran. */
  readonly ran: readonly unknown[]
}

/** What became of one run. */
export interface SoakRun {
  readonly seed: number
  readonly scenario: Scenario
  readonly seen: Seen
  readonly outcome: Report['outcome'] | 'no report'
  /** Requests that clients lost because they took too long. */
  readonly cut: number
  /** What must not be, in words. */
  readonly violations: readonly string[]
  /**
   * Whether the clients were stopped for so long that they did not use their connections as a client
   * does: one that sleeps through the shedding reuses a connection that no one has told it about.
   */
  readonly stalled: boolean
}

/** How soon a signal comes again, in ms. */
const echo = 20

/** After how many ms a run is given up: far more than the deadline. */
const hungAfter = 60_000

/** For how long the clients may be stopped, in ms. */
const stall = 75

/**
 * A run in which the clients did what they are there for: one that is not as it should be, and in which
 * they were stopped, is made again.
 */
export async function wholeRun(seed: number, tries = 5): Promise<SoakRun> {
  const run = await soakRun(seed)
  return run.stalled && run.violations.length > 0 && tries > 1 ? wholeRun(seed, tries - 1) : run
}

/** One run; the same seed makes the same scenario. */
async function soakRun(seed: number): Promise<SoakRun> {
  const scenario = scenarioOf(seed)
  const app = new AppProcess('soak', { scenario }, {})
  // Whatever keeps it, the run comes to its end, and says so.
  const hung = setTimeout(() => app.kill('SIGKILL'), hungAfter)
  try {
    const [address] = await app.listening()
    const clients = new Clients(app, (address as AddressInfo).port, scenario)
    await clients.start()
    await sleep(scenario.after)
    const told = performance.now()
    await endings[scenario.ending](app)
    const late = performance.now() - told - echo
    const [exit, seen] = await Promise.all([app.exited, clients.gone()])
    const base = { seed, scenario, seen, stalled: Math.max(late, seen.longestStall) > stall }
    const report = app.logs.at(-1)?.report
    if (report === undefined) {
      return {
        ...base,
        outcome: 'no report',
        cut: 0,
        violations: [`exit ${exit.code ?? exit.signal}, and no report: ${app.stdout}${app.stderr}`]
      }
    }
    const finishedBefore = Number(await app.about('finished'))
    const ran = app.messages.filter((message) => 'hook' in message).map(({ hook }) => hook)
    const observed = { scenario, seen, report, exit, told, finishedBefore, ran }
    const cut = report.requests.cut.length
    return { ...base, outcome: report.outcome, cut, violations: violations(observed) }
  } finally {
    clearTimeout(hung)
    app.kill('SIGKILL')
  }
}

const endings: Readonly<Record<Ending, (app: AppProcess) => unknown>> = {
  SIGTERM: (app) => app.kill('SIGTERM'),
  SIGINT: (app) => app.kill('SIGINT'),
  async 'SIGTERM twice'(app) {
    app.kill('SIGTERM')
    // Soon enough to be an echo, even where the machine is busy.
    await sleep(echo)
    app.kill('SIGTERM')
  },
  crash: (app) => app.tell('crash'),
  'shutdown()': (app) => app.tell('shutdown()'),
  'close()': (app) => app.tell('close()')
}
