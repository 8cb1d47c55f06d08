import { setTimeout as sleep } from 'node:timers/promises'
import { Child } from '../child.ts'
import { Crowd } from './crowd.ts'
import type { CostMethod } from './method.ts'
import { ByName, type Spread, spreadOf } from './spread.ts'
import { SubjectProcess } from './subject-process.ts'
import { ending, interleaved } from './subjects.ts'

/** What happened to requests that each came on a connection of its own. */
export interface Knocks {
  readonly served: number
  /** Answered with 503. */
  readonly rejected: number
  readonly refused: number
  /** Neither answered nor refused: the connection was reset. */
  readonly lost: number
  readonly seconds: number
}

/** What a subject does with requests that come while one is in flight and a shutdown has begun. */
export interface Rejections {
  readonly name: string
  /** Served per second before the signal: what clients and machine can do. */
  readonly served: Spread
  /** Answered with 503 per second, after it. */
  readonly rejected: Spread
  /** What happened to all of those that came after it. */
  readonly after: Omit<Knocks, 'seconds'>
}

/** A drain lasts longer than the knocking by so many ms. */
const reserve = 3_000

/** The time until a signal has done what it does at once, in ms. */
const settling = 200

export async function rejections(method: CostMethod['rejections']): Promise<Rejections[]> {
  const [crowd, knocking] = [new Crowd(), new Child('knocking')]
  const found = new ByName<{ before: Knocks; after: Knocks }>()
  for (const name of interleaved(ending, method.runs)) {
    found.add(name, await whileDraining(name, crowd, knocking, method))
  }
  crowd.leave()
  knocking.stop()
  return ending.map((name) => summaryOf(name, found.of(name)))
}

async function whileDraining(
  name: string,
  crowd: Crowd,
  knocking: Child,
  { clients, duration }: CostMethod['rejections']
): Promise<{ before: Knocks; after: Knocks }> {
  const subject = await SubjectProcess.start(name, { deadline: duration + reserve })
  const knock = (ms: number) => knocking.ask<Knocks>('knock', { port: subject.port, clients, duration: ms })
  await knock(duration / 4)
  const before = await knock(duration / 2)
  await crowd.open(subject.port, 1)
  await crowd.hold(1)
  while ((await subject.ask<number>('held')) < 1) await sleep(5)
  subject.kill('SIGTERM')
  await sleep(settling)
  const after = await knock(duration)
  await subject.destroy()
  await crowd.closed()
  return { before, after }
}

function summaryOf(name: string, runs: readonly { before: Knocks; after: Knocks }[]): Rejections {
  const sum = (outcome: keyof Knocks) => runs.reduce((total, { after }) => total + after[outcome], 0)
  return {
    name,
    served: spreadOf(runs.map(({ before }) => before.served / before.seconds)),
    rejected: spreadOf(runs.map(({ after }) => after.rejected / after.seconds)),
    after: { served: sum('served'), rejected: sum('rejected'), refused: sum('refused'), lost: sum('lost') }
  }
}
