import { streamsThatEnd } from '../shared/streams.js'

export const drive = (driven) =>
  streamsThatEnd(driven, '/trpc/ticks', { headers: { accept: 'text/event-stream' } })
