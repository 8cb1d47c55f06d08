import { shuffle } from 'simple-statistics'
import { method } from './method.ts'
import type { Sample, Subject } from './subject.ts'
import { type Variant, variants } from './variants.ts'

/** One turn of every variant, taken within a fraction of a second, so that they share its noise. */
export type Round = Readonly<Record<Variant, Sample>>

/** The rounds of three processes, from their start to their end. */
export type Generation = readonly Round[]

type Start = (variant: Variant) => Promise<Subject>

/**
 * Measures the variants against each other.
 *
 * The processes are started anew several times: where its objects lie and in what order its code
 * was compiled makes one process faster than its twin for as long as both live, and no number of
 * rounds would show it.
 */
export async function generations(number: number, start: Start): Promise<Generation[]> {
  const all: Generation[] = []
  for (let count = 0; count < number; count++) all.push(await generation(start))
  return all
}

async function generation(start: Start): Promise<Generation> {
  const subjects = await Promise.all(variants.map(start))
  const measured = await rounds(subjects)
  await Promise.all(subjects.map((subject) => subject.stop()))
  return measured.slice(method.warmUp)
}

async function rounds(subjects: readonly Subject[]): Promise<Round[]> {
  const measured: Round[] = []
  for (let count = 0; count < method.warmUp + method.rounds; count++) measured.push(await round(subjects))
  return measured
}

/** In a new order each time, so that no variant always runs first, or after the same other. */
async function round(subjects: readonly Subject[]): Promise<Round> {
  const samples: Partial<Record<Variant, Sample>> = {}
  for (const turn of shuffle([...variants.keys()])) {
    samples[variants[turn] as Variant] = await (subjects[turn] as Subject).measure()
  }
  return samples as Round
}
