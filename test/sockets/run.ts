import { aLongTime } from '../support/in-time.ts'
import { compiled } from '../support/program.ts'
import type { Owner } from '../support/proxy.ts'
import { HeldService } from '../support/socket-holder.ts'
import { Clients, type Failure } from './clients.ts'

/** What is to be run. */
export interface RunSetup {
  readonly restarts: number
  /** Each so manyth end is a SIGKILL; 0: none. */
  readonly crashEvery?: number
  /** The port where the service listens by itself, where nobody holds its socket. */
  readonly port?: number
  readonly clients?: { readonly keeping: number; readonly anew: number }
  /** How many requests must have been answered between two restarts. */
  readonly between?: number
}

/** One end of the service, and the start of the next one. Times in ms. */
export interface Restart {
  readonly isCrash: boolean
  readonly code: number
  /** From the signal to the end of the process. */
  readonly ending: number
  /** From the end of the process until the next one listens. */
  readonly boot: number
}

export interface Run {
  readonly restarts: readonly Restart[]
  readonly answered: number
  readonly slowest: number
  readonly failures: readonly Failure[]
  /** Failures on connections to a process that crashed. */
  readonly lostInCrash: readonly Failure[]
  /** Whether each shutdown was clean, and handed over. */
  readonly reports: readonly { readonly outcome: string; readonly handedOver: boolean }[]
}

/** Restarts a service again and again while clients ask it. */
export async function run(owner: Owner, setup: RunSetup): Promise<Run> {
  const { restarts, crashEvery = 0, port, clients = { keeping: 20, anew: 20 }, between = 200 } = setup
  const env = { DEADLINE: String(aLongTime), PORT: String(port), NODE_V8_COVERAGE: '' }
  const names = port === undefined ? 'http' : ''
  const service = new HeldService(owner, compiled('test/fixtures/held-socket'), { names, env })
  const load = new Clients(port ?? (await service.portOf()), clients)
  const made: Restart[] = []
  const crashes: Crash[] = []
  let pid = await service.nextStart()
  await service.listening(1)
  for (let count = 1; count <= restarts; count++) {
    await load.more(between)
    const isCrash = crashEvery > 0 && count % crashEvery === 0
    const begin = performance.now()
    const last = crashes.at(-1)
    if (last !== undefined) last.until = Math.min(last.until, begin)
    process.kill(pid, isCrash ? 'SIGKILL' : 'SIGTERM')
    const code = await service.ended(pid)
    // What the system knew by then, this process may hear of only in the next turn of its event loop.
    for (let turn = 0; turn < 2; turn++) await new Promise((resolve) => setImmediate(resolve))
    const end = performance.now()
    if (isCrash) crashes.push({ begin, end, until: Number.POSITIVE_INFINITY })
    pid = await service.nextStart()
    await service.listening(count + 1)
    made.push({ isCrash, code, ending: end - begin, boot: performance.now() - end })
  }
  await load.more(between)
  const { answered, slowest, failures } = await load.stop()
  process.kill(pid, 'SIGTERM')
  await service.ended(pid)
  const isExcused = (failure: Failure) => crashes.some((crash) => isBy(crash, failure))
  return {
    restarts: made,
    answered,
    slowest,
    failures: failures.filter((failure) => !isExcused(failure)),
    lostInCrash: failures.filter(isExcused),
    reports: service.reports.map(({ outcome, handOver }) => ({ outcome, handedOver: handOver !== undefined }))
  }
}

/** When a process was killed, when it was gone, and when the next signal was sent. */
interface Crash {
  readonly begin: number
  readonly end: number
  until: number
}

/** Whether the request was lost on a connection to the process that crashed: it was in flight. */
function isBy({ begin, end, until }: Crash, { kind, connectedAt, failedAt }: Failure): boolean {
  return (
    kind === 'lost' &&
    connectedAt !== undefined &&
    connectedAt <= end &&
    failedAt >= begin &&
    failedAt < until
  )
}
