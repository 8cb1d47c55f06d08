import { longestDelay } from '../../lib/time/clock.ts'

// The messages between the primary and its workers. Each has the key `'fastify-lifecycle'`, so that it is not
// confused with messages of other code.

const key = 'fastify-lifecycle'

/** What a worker tells the primary. `here` means that the worker accepts orders, and comes with its deadline. */
export type News = 'here' | 'ready' | 'leaving'

/**
 * An order of the primary to a worker: to end because another worker serves in its place, or because all workers end.
 */
export type Order = 'replace' | 'stop'

export interface Message<Word> {
  readonly [key]: Word
  readonly deadline?: number
}

export function message<Word extends News | Order>(word: Word, deadline?: number): Message<Word> {
  return { [key]: word, ...(deadline !== undefined && { deadline }) }
}

const words: readonly (News | Order)[] = ['here', 'ready', 'leaving', 'replace', 'stop']

/** The word of a message, if it is one of these messages. Other code may send any message. */
export function wordOf(received: unknown): News | Order | undefined {
  if (typeof received !== 'object' || received === null || !Object.hasOwn(received, key)) return undefined
  const said = (received as Partial<Message<unknown>>)[key]
  return words.find((word) => word === said)
}

/** The deadline in a message, if the value is valid. */
export function deadlineOf(received: { readonly deadline?: unknown }): number | undefined {
  const { deadline } = received
  return typeof deadline === 'number' && deadline >= 0 && deadline <= longestDelay ? deadline : undefined
}
