import type { Observations } from '../observations.ts'
import { type Finding, fault } from './finding.ts'

/** The faults in how WebSockets and streams ended. */
export function findInStreams({ webSockets, streams, exit }: Observations): readonly Finding[] {
  if (exit === undefined) return []
  const dropped = webSockets.filter(({ code }) => code === 1006 || code === undefined)
  const cut = streams.filter(({ how }) => how !== 'complete')
  return [
    ...dropped.map(({ path }) =>
      fault(
        'websocket-dropped',
        `The WebSocket at ${path} was dropped without a close frame (1006)`,
        'Its client cannot tell a restart from a broken network, and may not connect again.',
        'Close it with 1012 "service restart" or 1001 "going away". The plugin does for @fastify/websocket.'
      )
    ),
    ...cut.map(({ path }) =>
      fault(
        'stream-cut',
        `The stream at ${path} was cut`,
        'Its client sees a network error in the middle of it.',
        'End the response when the shutdown begins, so that it is complete. With the plugin: `config: { lifecycle: { longLived: true } }` on the route.'
      )
    )
  ]
}
