import http from 'node:http'
import { setTimeout as sleep } from 'node:timers/promises'
import { answerWith } from '../child.ts'
import type { Knocks } from '../cost/rejections.ts'

// Clients that come with one request after another, each on a connection of its own.

/** How long a client that was refused stays away, in ms. */
const pause = 5

interface Knocking {
  readonly port: number
  readonly clients: number
  readonly duration: number
}

async function knock({ port, clients, duration }: Knocking): Promise<Knocks> {
  const knocks = { served: 0, rejected: 0, refused: 0, lost: 0 }
  const begin = performance.now()
  const client = async () => {
    while (performance.now() - begin < duration) {
      const outcome = await request(port)
      knocks[outcome]++
      if (outcome === 'refused') await sleep(pause)
    }
  }
  await Promise.all(Array.from({ length: clients }, client))
  return { ...knocks, seconds: (performance.now() - begin) / 1_000 }
}

function request(port: number): Promise<'served' | 'rejected' | 'refused' | 'lost'> {
  return new Promise((resolve) => {
    http
      .get({ port, host: '127.0.0.1', agent: false }, (response) => {
        response.resume().once('end', () => resolve(response.statusCode === 503 ? 'rejected' : 'served'))
        response.once('error', () => resolve('lost'))
      })
      .once('error', (error: NodeJS.ErrnoException) =>
        resolve(error.code === 'ECONNREFUSED' ? 'refused' : 'lost')
      )
  })
}

answerWith({ knock })
