import { Failure } from '../failure.ts'
import { Connection } from './connection.ts'
import type { Ground } from './crowd.ts'

/** How an endless response ended, as its client saw it. */
export interface StreamEnd {
  readonly path: string
  /** Complete, or cut in the middle; `undefined` if the stream was open to the end. */
  how: 'complete' | 'cut' | undefined
  closedAt: number | undefined
}

/** Opens a stream, as EventSource does, and watches how it ends. */
export async function openStream(ground: Ground, path: string): Promise<StreamEnd> {
  const opening = await Connection.open(ground.target, ground.over)
  if (!opening.isOpen)
    throw new Failure('wrong-answer', `The stream at ${path} was refused: ${opening.code}.`)
  const { connection } = opening
  const end: StreamEnd = { path, how: undefined, closedAt: undefined }
  const headers = [['Accept', 'text/event-stream'] as const, ...ground.setup.request.headers]
  const ended = connection.request(ground.target, path, { method: 'GET', headers, body: '' })
  await Promise.race([headOf(connection), ended])
  const status = connection.head?.status
  if (status !== 200) {
    connection.close()
    throw new Failure(
      'wrong-answer',
      `${path} is no stream: it answered ${status ?? 'at once, and ended'}. See --sse.`
    )
  }
  void ended.then(({ kind }) => {
    if (kind === 'unanswered' || ground.over.aborted) return
    end.how = kind === 'answered' ? 'complete' : 'cut'
    end.closedAt = performance.now()
  })
  return end
}

function headOf(connection: Connection): Promise<void> {
  return new Promise((resolve) => {
    const look = () => {
      if (connection.head === undefined) return
      connection.socket.off('data', look)
      resolve()
    }
    connection.socket.on('data', look)
  })
}
