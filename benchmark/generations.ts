import { shuffle } from 'simple-statistics'
import { method } from './method.ts'
import type { Sample, Subject } from './subject.ts'

/** One turn of every variant, taken within a fraction of a second, so that they share its noise. */
export type Round<Name extends string, Of extends Sample = Sample> = Readonly<Record<Name, Of>>

/** The rounds of the variants' processes, from their start to their end. */
export type Generation<Name extends string, Of extends Sample = Sample> = readonly Round<Name, Of>[]

type Start<Name extends string, Of extends Sample> = (name: Name) => Promise<Subject<Of>>

/**
 * Measures variants against each other.
 *
 * The processes are started anew several times: where its objects lie and in what order its code
 * was compiled makes one process faster than its twin for as long as both live, and no number of
 * rounds would show it.
 */
export async function generations<Name extends string, Of extends Sample>(
  names: readonly Name[],
  number: number,
  start: Start<Name, Of>
): Promise<Generation<Name, Of>[]> {
  const all: Generation<Name, Of>[] = []
  for (let count = 0; count < number; count++) all.push(await generation(names, start))
  return all
}

async function generation<Name extends string, Of extends Sample>(
  names: readonly Name[],
  start: Start<Name, Of>
): Promise<Generation<Name, Of>> {
  const started = await Promise.all(names.map(async (name) => [name, await start(name)] as const))
  const rounds: Round<Name, Of>[] = []
  for (let count = 0; count < method.warmUp + method.rounds; count++) rounds.push(await round(started))
  await Promise.all(started.map(([, subject]) => subject.stop()))
  return rounds.slice(method.warmUp)
}

/** In a new order each time, so that no variant always runs first, or after the same other. */
async function round<Name extends string, Of extends Sample>(
  subjects: readonly (readonly [Name, Subject<Of>])[]
): Promise<Round<Name, Of>> {
  const samples: Partial<Record<Name, Of>> = {}
  for (const [name, subject] of shuffle([...subjects])) samples[name] = await subject.measure()
  return samples as Round<Name, Of>
}
