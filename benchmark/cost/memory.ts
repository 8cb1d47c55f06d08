import { setTimeout as sleep } from 'node:timers/promises'
import { openFiles } from '../scenarios/open-files.ts'
import { Crowd } from './crowd.ts'
import type { CostMethod } from './method.ts'
import { ByName, type Spread, spreadOf } from './spread.ts'
import { SubjectProcess } from './subject-process.ts'
import { interleaved, scriptOf, serving } from './subjects.ts'

/** What idle connections take. */
export interface Memory {
  readonly asked: number
  /** As many as the system lets a process have. */
  readonly connections: number
  /** Resident memory, in bytes. */
  readonly subjects: readonly { readonly name: string; readonly perConnection: Spread }[]
}

export async function memory({ connections: asked, runs }: CostMethod['memory']): Promise<Memory> {
  const connections = openFiles(asked)
  const crowd = new Crowd()
  const found = new ByName<number>()
  for (const name of interleaved(serving, runs))
    found.add(name, await perConnection(name, crowd, connections))
  crowd.leave()
  const subjects = serving.map((name) => ({ name, perConnection: spreadOf(found.of(name)) }))
  return { asked, connections, subjects }
}

async function perConnection(name: string, crowd: Crowd, connections: number): Promise<number> {
  const subject = await SubjectProcess.start(scriptOf(name), {}, ['--expose-gc'])
  const before = await settled(subject)
  await crowd.open(subject.port, connections)
  const after = await settled(subject)
  await subject.destroy()
  await crowd.closed()
  return (after - before) / connections
}

/** The garbage of the opening is collected, and freed. */
async function settled(subject: SubjectProcess): Promise<number> {
  await subject.ask('memory')
  await sleep(300)
  return subject.ask('memory')
}
