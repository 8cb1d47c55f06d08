import type { AddressInfo } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Report } from '../../index.ts'
import { AppProcess, type Exit } from '../support/app-process.ts'
import { aLongTime, longStall } from '../support/in-time.ts'
import { Clients, type Lost, type Seen } from './clients.ts'
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
  /** How the requests of clients that leave ended, as the app knows it. */
  readonly left: Readonly<Record<'answered' | 'rejected' | 'abandoned' | 'begun' | 'done', number>>
  /** How much tracked work has ended in the shutdown, as the app knows it. */
  readonly worked: number
  /** How many requests were lost with a connection that the app never got. */
  readonly queued: number
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
  /** Why what is wrong may not be the app's fault, if that may be. */
  readonly excuse: Excuse | undefined
}

/**
 * Clients that were stopped for long do not use their connections as a client does: one that sleeps through the
 * shedding reuses a connection that no one has told it about. An app that was stopped cannot see that somebody
 * connects while it closes its listener. And who connects in the tenth of a millisecond before that is reset by
 * the system, without the app's knowledge: that is rare.
 */
export type Excuse = 'stalled' | 'reset before it was accepted'

/** How soon a signal comes again, in ms. */
const echo = 20

/** For how many ms an app that shuts down may get no CPU time: as long as it waits for a quiet moment. */
const longAppStall = 25

/** After how many ms a run is given up: so long that only a run that hangs takes it. */
const hungAfter = aLongTime

/** A run that is not as it should be, and has an excuse, is made again: what happens each time is a fault. */
export async function wholeRun(seed: number, tries = 5): Promise<SoakRun> {
  const run = await soakRun(seed)
  const isExcused = run.violations.length > 0 && run.excuse !== undefined
  return isExcused && tries > 1 ? wholeRun(seed, tries - 1) : run
}

/** One run; the same seed makes the same scenario. */
async function soakRun(seed: number): Promise<SoakRun> {
  const scenario = scenarioOf(seed)
  const app = new AppProcess('soak', { scenario }, {})
  // Whatever keeps it, the run comes to its end, and says so.
  const hung = setTimeout(() => app.end(), hungAfter)
  try {
    const [address] = await app.listening()
    const clients = new Clients(app, (address as AddressInfo).port, scenario)
    await clients.start()
    await sleep(scenario.after)
    const told = performance.now()
    await endings[scenario.ending](app)
    const late = performance.now() - told - echo
    const [exit, seen] = await Promise.all([app.exited, clients.gone()])
    const appStall = app.messages.find((message) => 'longestStall' in message)?.['longestStall'] ?? 0
    const haveStalled = Math.max(late, seen.longestStall) > longStall
    const isStalled = haveStalled || Number(appStall) > longAppStall
    const base = { seed, scenario, seen }
    const report = app.logs.at(-1)?.report
    if (report === undefined) {
      return {
        ...base,
        outcome: 'no report',
        excuse: undefined,
        cut: 0,
        violations: [`exit ${exit.code ?? exit.signal}, and no report: ${app.stdout}${app.stderr}`]
      }
    }
    const finishedBefore = Number(await app.about('finished'))
    const left = (await app.about('left')) as Observed['left']
    const worked = Number(await app.about('worked'))
    const ran = app.messages.filter((message) => 'hook' in message).map(({ hook }) => hook)
    const accepted = (await app.about('accepted')) as number[]
    const neverAccepted = ({ isAnswered, port }: Lost) =>
      !isAnswered && (port === undefined || !accepted.includes(port))
    const queued = seen.lost.filter(neverAccepted).length
    const observed = { scenario, seen, report, exit, told, finishedBefore, left, worked, queued, ran }
    const cut = report.requests.cutCount
    const wrong = violations(observed)
    const reset = queued > 0 && wrong.length === 1 ? 'reset before it was accepted' : undefined
    return { ...base, outcome: report.outcome, cut, violations: wrong, excuse: isStalled ? 'stalled' : reset }
  } finally {
    clearTimeout(hung)
    app.end()
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
