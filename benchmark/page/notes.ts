import type { Row } from './rows.ts'

/** Why another is better in some scenarios, and what will change. It may claim no result: those are not written by hand. */
export interface Note {
  readonly scenarios: readonly string[]
  readonly text: string
}

/**
 * Shown only where the results say that another is better; where they say so and there is none, the
 * page cannot be made.
 */
export const notes: readonly Note[] = [
  {
    scenarios: [
      'keep-alive',
      'pipelined',
      'upload',
      'slow-reader',
      'http2-in-flight',
      'new-request',
      'kept-connection',
      'probes',
      'idle',
      'silent',
      'half-a-head',
      'events',
      'stream',
      'late',
      'client-gone',
      'http2-idle',
      'websocket',
      'echo',
      'repeated',
      'rejection',
      'exception',
      'two-apps'
    ],
    text: 'This plugin waits for a quiet moment of about 50 ms before it closes the listener and ends connections, because an immediate close loses requests that are on their way. It waits 200 ms for a connection that was used just before the signal, because its client may be far away. That will stay.'
  },
  {
    scenarios: ['reuse', 'reuse-with-wait', 'crowd'],
    text: 'This plugin keeps its listener open until its clients have got 503 or have gone elsewhere. Only then does it end the other connections. That will stay. A package that ends connections at once loses requests by chance, so a single run may show no loss.'
  },
  {
    scenarios: ['many'],
    text: 'This plugin ends connections a few milliseconds at a time, so that the event loop is not blocked. That will stay.'
  },
  {
    scenarios: ['second-signal', 'failing-hook', 'log', 'pool'],
    text: 'This plugin starts a thread that enforces the deadline. Before it exits, it writes and flushes a report. That will stay.'
  },
  {
    scenarios: ['close'],
    text: 'This plugin runs the same phases as on a signal, and notifies all listeners. That will stay.'
  }
]

/** The notes that are due, each with its rows; throws where a row has none. */
export function explained(rows: readonly Row[]): { note: Note; rows: Row[] }[] {
  const isFor = (row: Row) => (note: Note) => note.scenarios.includes(row.scenario.name)
  const unexplained = rows.find((row) => !notes.some(isFor(row)))
  if (unexplained !== undefined) {
    const { scenario, better } = unexplained
    const names = better.map(({ subject }) => subject).join(', ')
    throw new Error(`in '${scenario.name}' ${names} did better, and benchmark/page/notes.ts does not say why`)
  }
  return notes
    .map((note) => ({ note, rows: rows.filter((row) => isFor(row)(note)) }))
    .filter((group) => group.rows.length > 0)
}
