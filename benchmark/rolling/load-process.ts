import { setTimeout as sleep } from 'node:timers/promises'
import { type Clients, http1Clients, http2Clients, type Method } from './clients.ts'
import type { LoadCommand, LoadSetup } from './load.ts'
import { Counter } from './tally.ts'

// The clients, in a process of their own: node load-process.js <setup as JSON>

const { port, protocol, connections }: LoadSetup = JSON.parse(process.argv[2] as string)
const clients: Clients =
  protocol === 'HTTP/2' ? http2Clients(port, Math.ceil(connections / 10)) : http1Clients(port, connections)
const counter = new Counter()
let unanswered = 0
let timer: NodeJS.Timeout | undefined

const commands: { readonly [Name in LoadCommand['command']]: (argument: number) => unknown } = {
  capacity,
  begin,
  restarting(isRestarting) {
    counter.isRestarting = isRestarting === 1
  },
  end
}

process.on('message', async ({ command, argument }: LoadCommand) => {
  process.send?.({ answer: (await commands[command](argument)) ?? null })
})
process.once('disconnect', () => process.exit())

/** As many requests as are answered in so many ms, by clients that never rest; per second. */
async function capacity(time: number): Promise<number> {
  await untilOver(time / 2)
  return (await untilOver(time)) / (time / 1_000)
}

async function untilOver(time: number): Promise<number> {
  const end = performance.now() + time
  let answered = 0
  const client = async (_each: unknown, index: number) => {
    while (performance.now() < end) {
      await clients.send(index % 2 === 0 ? 'GET' : 'POST')
      answered++
    }
  }
  await Promise.all(Array.from({ length: connections }, client))
  return answered
}

/** An open loop: each request is due at its time, whatever became of those before it. */
function begin(rate: number): void {
  const start = performance.now()
  let count = 0
  timer = setInterval(() => {
    for (; count < ((performance.now() - start) / 1_000) * rate; count++) {
      void send(count % 2 === 0 ? 'GET' : 'POST', start + (count / rate) * 1_000)
    }
  }, 2)
}

async function send(method: Method, due: number): Promise<void> {
  const wasRestarting = counter.isRestarting
  counter.sent(method)
  unanswered++
  try {
    counter.answered(method, await clients.send(method), due, wasRestarting)
  } catch (error) {
    counter.lost(method, error)
  }
  unanswered--
}

async function end() {
  clearInterval(timer)
  while (unanswered > 0) await sleep(20)
  clients.close()
  return counter.tally
}
