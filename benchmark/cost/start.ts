import { setTimeout as sleep } from 'node:timers/promises'
import { ByName, type Spread, spreadOf } from './spread.ts'
import { countTimers, SubjectProcess, type Took } from './subject-process.ts'
import { interleaved, scriptOf, serving } from './subjects.ts'

/** What a start takes and leaves. */
export interface Start {
  readonly name: string
  /** In ms. */
  readonly load: Spread
  readonly attach: Spread
  /** `null` where the system does not say. */
  readonly threads: number | null
  readonly timers: number | null
  readonly activeResources: number
}

interface Footprint {
  readonly threads: number | null
  readonly timers: number | null
  readonly activeResources: number
}

/** After this time, in ms, what the start itself had left to do is done. */
const settling = 200

export async function starts(number: number): Promise<Start[]> {
  const took = new ByName<Took>()
  for (const name of interleaved(serving, { ours: number, peers: number })) {
    const subject = await SubjectProcess.start(scriptOf(name))
    took.add(name, subject.took)
    await subject.destroy()
  }
  const all: Start[] = []
  for (const name of serving) {
    const load = spreadOf(took.of(name).map((each) => each.load))
    const attach = spreadOf(took.of(name).map((each) => each.attach))
    all.push({ name, load, attach, ...(await footprint(name)) })
  }
  return all
}

async function footprint(name: string): Promise<Footprint> {
  const subject = await SubjectProcess.start(scriptOf(name), {}, countTimers)
  await sleep(settling)
  const found = await subject.ask<Footprint>('footprint')
  await subject.destroy()
  return found
}
