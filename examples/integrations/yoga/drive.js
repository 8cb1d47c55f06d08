import { streamsThatEnd } from '../shared/streams.js'

export function drive(driven) {
  const subscription = JSON.stringify({ query: 'subscription { ticks }' })
  const headers = { accept: 'text/event-stream', 'content-type': 'application/json' }
  return streamsThatEnd(driven, '/graphql', { method: 'POST', headers, body: subscription })
}
