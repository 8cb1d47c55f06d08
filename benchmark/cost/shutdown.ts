import { setTimeout as sleep } from 'node:timers/promises'
import { shuffle } from 'simple-statistics'
import { openFiles } from '../scenarios/open-files.ts'
import { Crowd } from './crowd.ts'
import type { CostMethod } from './method.ts'
import { type Blocked, type Ended, SubjectProcess } from './subject-process.ts'
import { ending, interleaved } from './subjects.ts'

/** What the connections are doing when the signal comes: nothing, or a tenth of them waits for an answer. */
export const loads = ['idle', 'inFlight'] as const

export type LoadKind = (typeof loads)[number]

/** One shutdown. */
export interface ShutdownRun {
  /** From the signal to the end of the process, in ms. */
  readonly exit: number
  /** From the last answer that a client got to the end of the process, in ms; `null` where none was in flight. */
  readonly afterLastAnswer: number | null
  readonly code: number | null
  /** What the process ended with where it was not by itself; our own SIGKILL where it did not end at all. */
  readonly signal: string | null
  /** Requests in flight that were not answered. */
  readonly lost: number
  readonly blocked: Blocked | null
}

/** The shutdowns of one subject with so many connections. */
export interface ShutdownCell {
  readonly name: string
  readonly load: LoadKind
  readonly connections: number
  readonly runs: readonly ShutdownRun[]
}

export interface ShutdownCost {
  /** What was asked for, and as many as the system lets a process have. */
  readonly sizes: readonly { readonly asked: number; readonly connections: number }[]
  readonly cells: readonly ShutdownCell[]
  /** How those fared in a trial with a few connections that did not end in time: they were not asked for more. */
  readonly failed: readonly ShutdownCell[]
}

type Method = CostMethod['shutdown']

/** Longer than its deadline no subject is waited for than by so many ms. */
const patience = 1_500

export async function shutdownCost(method: Method): Promise<ShutdownCost> {
  const crowd = new Crowd()
  const sizes = method.sizes.map(([asked]) => ({ asked, connections: openFiles(asked) }))
  const cells: ShutdownCell[] = []
  const failed: ShutdownCell[] = []
  for (const load of loads) {
    const able: string[] = []
    for (const name of ending) {
      const trial = await tried(name, load, crowd, method)
      if (trial === undefined) able.push(name)
      else failed.push(trial)
    }
    for (const [asked, runs] of method.sizes) {
      // Nothing is in flight where nothing is connected.
      if (asked === 0 && load === 'inFlight') continue
      const connections = openFiles(asked)
      const found = new Map<string, ShutdownRun[]>(able.map((name) => [name, []]))
      for (const name of shuffle(interleaved(able, runs))) {
        found.get(name)?.push(await shutdown(name, load, connections, method.deadline, crowd, method))
      }
      for (const [name, each] of found) cells.push({ name, load, connections, runs: each })
    }
  }
  crowd.leave()
  return { sizes, cells, failed }
}

/** The trial that a subject fails: it reached its deadline, or did not end at all. */
async function tried(
  name: string,
  load: LoadKind,
  crowd: Crowd,
  method: Method
): Promise<ShutdownCell | undefined> {
  const { connections, deadline } = method.trial
  const run = await shutdown(name, load, connections, deadline, crowd, method)
  const isOver = run.signal === null && run.exit < deadline
  return isOver ? undefined : { name, load, connections, runs: [run] }
}

async function shutdown(
  name: string,
  load: LoadKind,
  connections: number,
  deadline: number,
  crowd: Crowd,
  { inFlight, answered }: Method
): Promise<ShutdownRun> {
  const subject = await SubjectProcess.start(name, { deadline })
  await crowd.open(subject.port, connections)
  const held = load === 'inFlight' ? await crowd.hold(inFlight) : 0
  while ((await subject.ask<number>('held')) < held) await sleep(10)
  await sleep(200)
  await subject.ask('watchLoop')

  const closed = crowd.closed()
  const since = subject.kill('SIGTERM')
  if (held > 0) subject.tell('release', answered)
  const timer = setTimeout(() => subject.kill('SIGKILL'), deadline + patience)
  const ended = await subject.ended
  clearTimeout(timer)
  const { lost, lastAnswer } = await closed
  return runOf(ended, since, { lost, lastAnswer: held > lost ? lastAnswer : null })
}

function runOf(
  { code, signal, at, blocked }: Ended,
  since: number,
  { lost, lastAnswer }: { lost: number; lastAnswer: number | null }
): ShutdownRun {
  return {
    exit: at - since,
    // A client may read the last answer when the process is gone.
    afterLastAnswer: lastAnswer === null ? null : Math.max(0, at - lastAnswer),
    code,
    signal,
    lost,
    blocked: blocked ?? null
  }
}
