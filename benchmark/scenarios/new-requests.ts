import { setTimeout as sleep } from 'node:timers/promises'
import { closedLoop, request } from '../../test/support/client.ts'
import { connected, get, outcome, statuses } from './clients.ts'
import type { Running } from './running.ts'
import { disturbed, type Scenario, type Seen, tally } from './scenario.ts'

/** Requests that come when the shutdown has begun. */
export const newRequests: readonly Scenario[] = [
  {
    name: 'new-request',
    title: 'A new connection while draining',
    story:
      'While a request of 600 ms is in flight, another client connects 150 ms after the signal. It should get an answer. A 503 with `Retry-After` is enough.',
    setup: { deadline: 1_500 },
    right: ['200', '503 + Retry-After'],
    poor: ['503', 'refused'],
    hooks: 1,
    exit: 'clean',
    act: (running) => whileDraining(running, () => outcome(request(running.port, '/')))
  },
  {
    name: 'kept-connection',
    title: 'A kept connection used again while draining',
    story:
      'A request of 600 ms is in flight. A client sends another request 150 ms after the signal, on an idle connection.',
    setup: { deadline: 1_500 },
    right: ['200', '503 + Retry-After'],
    poor: ['503', 'closed before it was used'],
    hooks: 1,
    exit: 'clean',
    async act(running) {
      const wire = await connected(running)
      wire.send(get('/'))
      await wire.receives('ok')
      return whileDraining(running, async () => {
        if (wire.hasEnded || wire.socket.destroyed) return 'closed before it was used'
        wire.received = ''
        wire.send(get('/'))
        await Promise.race([wire.receives('HTTP/1.1'), wire.ended, running.exited])
        return statuses(wire.received, 1)[0] as string
      })
    }
  },
  {
    name: 'late',
    title: 'A late request that a hook of the app holds up',
    story:
      'While a request of 400 ms is in flight, another request comes 50 ms after the signal. An `onRequest` hook of the app holds it up for 600 ms. It should still be answered.',
    setup: { deadline: 2_000 },
    right: ['200', '503 + Retry-After'],
    poor: ['503', 'refused'],
    hooks: 1,
    exit: 'clean',
    async act(running) {
      const answer = outcome(request(running.port, '/slow/400'))
      await running.arrived('/slow/400')
      running.signal()
      await sleep(50)
      return tally(await Promise.all([answer, outcome(request(running.port, '/late'))]))
    }
  },
  {
    name: 'crowd',
    title: '1 000 clients that connect while draining',
    story: 'A request of 600 ms is in flight. From 100 ms after the signal, 1 000 other clients connect.',
    setup: { deadline: 3_000 },
    right: ['200', '503 + Retry-After'],
    poor: ['503', 'refused'],
    hooks: 1,
    exit: 'clean',
    alone: true,
    async act(running) {
      const answer = outcome(request(running.port, '/slow/600'))
      await running.arrived('/slow/600')
      running.signal()
      const answers: Promise<string>[] = []
      for (let portion = 0; portion < 20; portion++) {
        await sleep(portion === 0 ? 100 : 10)
        for (let count = 0; count < 50; count++) answers.push(outcome(request(running.port, '/')))
      }
      return tally(await Promise.all([answer, ...answers]))
    }
  },
  reusing({
    name: 'reuse',
    title: '20 clients that reuse connections, and no wait',
    story:
      'Each client sends a request every few ms on its open connection. A refused connection is no loss, because the client knows that nothing was done. A request that was sent and never answered is a loss.',
    lameDuck: 0
  }),
  reusing({
    name: 'reuse-with-wait',
    title: '20 clients that reuse connections, and a wait of 400 ms',
    story:
      'As before, but readiness fails for 400 ms before the drain, if a package can do that. @dnlup/fastify-traps and @mgcrea/fastify-graceful-exit cannot.',
    lameDuck: 400
  }),
  {
    name: 'probes',
    title: 'The probes while it waits',
    story:
      'With a wait of 400 ms, the probes are asked 150 ms after the signal. Readiness should fail. Liveness should not fail, or the platform kills an app that still serves.',
    setup: { deadline: 1_500, lameDuck: 400 },
    right: ['not ready, alive'],
    poor: ['ready, alive', 'not ready, not alive', 'no answer'],
    hooks: 1,
    exit: 'clean',
    async act(running) {
      running.signal()
      await sleep(150)
      const { port, ready, live } = running.probes
      const [readiness, liveness] = await Promise.all(
        [ready, live].map((path) => outcome(request(port, path)))
      )
      if (!/^\d/.test(`${readiness}`) || !/^\d/.test(`${liveness}`)) return tally(['no answer'])
      return tally([
        `${readiness === '200' ? 'ready' : 'not ready'}, ${liveness === '200' ? 'alive' : 'not alive'}`
      ])
    }
  }
]

async function whileDraining(running: Running, ask: () => Promise<string>): Promise<Seen> {
  const answer = outcome(request(running.port, '/slow/600'))
  await running.arrived('/slow/600')
  running.signal()
  await sleep(150)
  const asked = await ask()
  return tally([await answer, asked])
}

function reusing({
  lameDuck,
  ...about
}: {
  readonly name: string
  readonly title: string
  readonly story: string
  readonly lameDuck: number
}): Scenario {
  return {
    ...about,
    setup: { deadline: 1_500, lameDuck },
    right: ['200', '503', 'refused'],
    hooks: 1,
    exit: 'clean',
    alone: true,
    async act(running) {
      const stop = new AbortController()
      const loop = closedLoop(running.port, '/', 20, { pause: 6, signal: stop.signal })
      await sleep(250)
      running.signal()
      await running.exited
      stop.abort()
      const { answers, refused, lost, longestStall } = await loop
      const answered = answers.map(({ status }) => String(status))
      const stalled = longestStall > 100 ? [disturbed] : []
      return tally([...answered, ...Array(refused).fill('refused'), ...lost.map(() => 'lost'), ...stalled])
    }
  }
}
