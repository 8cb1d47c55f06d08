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

/** What a message says, if it is one of these. */
export function wordOf(received: unknown): unknown {
  return typeof received === 'object' && received !== null
    ? (received as Partial<Message<unknown>>)[key]
    : undefined
}
