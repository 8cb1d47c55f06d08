import { setTimeout as sleep } from 'node:timers/promises'
import { Pool } from 'undici'
import { nothing, type Tally, tell } from './messages.ts'

// Fifty clients, each of which sends a request, waits for the answer, pauses and sends the next,
// on connections that are kept alive. The argument is the app's address.
//
// They speak through undici because it honours `Connection: close`. autocannon writes its next
// request on a connection whose last response has said that it ends there: that request is lost,
// whatever the server does, and by the client's own doing.

type Outcome = 'served' | 'rejected' | 'refused' | 'lost'

const clients = 50
/** The longest pause of a client between two requests, in ms. */
const longestPause = 20
/** How long a client waits that found no connection, in ms. */
const reconnectPause = 100

const pool = new Pool(process.argv[2] as string, {
  connections: clients,
  headersTimeout: 5_000,
  bodyTimeout: 5_000
})
const tally: { -readonly [Key in keyof Tally]: Tally[Key] } = { ...nothing }
let stopped = false

async function client(): Promise<void> {
  let order = nextOrder()
  while (!stopped) {
    const outcome = await send(order)
    // Only what was certainly not done may be sent again: rejected, or never sent.
    if (outcome === 'served' || outcome === 'lost') order = nextOrder()
    await sleep(outcome === 'refused' ? reconnectPause : Math.random() * longestPause)
  }
}

interface Order {
  readonly method: 'GET' | 'POST'
  readonly path: string
  readonly body?: string
}

/** Three in four look at an order, one places one. */
function nextOrder(): Order {
  const id = Math.ceil(Math.random() * 1_000)
  if (Math.random() < 0.75) return { method: 'GET', path: `/orders/${id}` }
  return { method: 'POST', path: '/orders', body: JSON.stringify({ article: id }) }
}

async function send(order: Order): Promise<Outcome> {
  tally.sent++
  try {
    const headers = { 'content-type': 'application/json' }
    const { statusCode, body } = await pool.request({ ...order, headers })
    await body.text()
    if (statusCode === 200) return count('served')
    if (statusCode === 503) return count('rejected')
    return lose(order, `answered ${statusCode}`)
  } catch (error) {
    if (!isRefusal(error)) return lose(order, String(error))
    tally.sent--
    return count('refused')
  }
}

function isRefusal(error: unknown): boolean {
  const { code } = error as NodeJS.ErrnoException
  return code === 'ECONNREFUSED' || code === 'UND_ERR_CONNECT_TIMEOUT'
}

function count<Counted extends 'served' | 'rejected' | 'refused'>(outcome: Counted): Counted {
  tally[outcome]++
  return outcome
}

function lose({ method, path }: Order, what: string): 'lost' {
  tally.lost = [...tally.lost, `${method} ${path}: ${what}`]
  return 'lost'
}

process.once('disconnect', () => process.exit(1))
process.once('message', () => {
  stopped = true
})
// A Ctrl-C in a terminal reaches this process too, but it is the demo's to end it.
process.on('SIGINT', () => {})

const reporting = setInterval(() => tell(tally), 150)
await Promise.all(Array.from({ length: clients }, client))
clearInterval(reporting)
await pool.destroy()
process.send?.(tally, undefined, undefined, () => process.exit(0))
