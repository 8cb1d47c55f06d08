import { longestDelay } from '../../lib/time/clock.ts'

// What the primary and its workers say to each other, each as `{ 'fastify-lifecycle': … }`, so that it
// meets nobody else's messages.

const key = 'fastify-lifecycle'

/** What a worker says of itself; `here` comes with its deadline, when it can be given orders. */
export type News = 'here' | 'ready' | 'leaving'

/** What the primary wants of a worker: to go because others serve in its place, or because all go. */
export type Order = 'replace' | 'stop'

export interface Message<Word> {
  readonly [key]: Word
  readonly deadline?: number
}

export function message<Word extends News | Order>(word: Word, deadline?: number): Message<Word> {
  return { [key]: word, ...(deadline !== undefined && { deadline }) }
}

const words: readonly (News | Order)[] = ['here', 'ready', 'leaving', 'replace', 'stop']

/** What a message says, if it is one of these. Others may send anything. */
export function wordOf(received: unknown): News | Order | undefined {
  if (typeof received !== 'object' || received === null || !Object.hasOwn(received, key)) return undefined
  const said = (received as Partial<Message<unknown>>)[key]
  return words.find((word) => word === said)
}

/** The deadline that a message gives, if it can be one. */
export function deadlineOf(received: { readonly deadline?: unknown }): number | undefined {
  const { deadline } = received
  return typeof deadline === 'number' && deadline >= 0 && deadline <= longestDelay ? deadline : undefined
}
