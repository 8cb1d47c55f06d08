import { once } from 'node:events'
import net, { type Socket } from 'node:net'
import { monotonic } from '../../lib/time/clock.ts'
import { answerWith } from '../child.ts'
import type { CrowdTally } from '../cost/crowd.ts'

// Many connections, which do little besides being open.

/** How many are being opened at a time. */
const atOnce = 100

let sockets: Socket[] = []
let pending: Promise<unknown>[] = []
let held = 0
let answered = 0
let lastAnswer = 0
let lastClose = 0

async function open({ port, count }: { port: number; count: number }): Promise<number> {
  sockets = []
  pending = []
  held = answered = lastAnswer = lastClose = 0
  while (sockets.length < count) {
    const group = Array.from({ length: Math.min(atOnce, count - sockets.length) }, () => connect(port))
    sockets.push(...group)
    await Promise.all(group.map((socket) => once(socket, 'data')))
    for (const socket of group) socket.on('data', onAnswer)
  }
  return count
}

function connect(port: number): Socket {
  const socket = net.connect({ port, host: '127.0.0.1' })
  socket.on('error', () => {})
  socket.write('GET / HTTP/1.1\r\nHost: localhost\r\n\r\n')
  pending.push(
    new Promise<void>((resolve) => {
      socket.once('close', () => {
        lastClose = monotonic()
        resolve()
      })
    })
  )
  return socket
}

function onAnswer(chunk: Buffer): void {
  if (!chunk.includes('HTTP/1.1 200')) return
  answered++
  lastAnswer = monotonic()
}

function hold({ oneIn }: { oneIn: number }): number {
  const busy = sockets.filter((_socket, index) => index % oneIn === 0)
  for (const socket of busy) socket.write('GET /held HTTP/1.1\r\nHost: localhost\r\n\r\n')
  held = busy.length
  return held
}

async function closed(): Promise<CrowdTally> {
  await Promise.all(pending)
  return { answered, lost: held - answered, lastAnswer, lastClose }
}

answerWith({ open, hold, closed })
