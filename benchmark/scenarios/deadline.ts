import { setTimeout as sleep } from 'node:timers/promises'
import { request } from '../../test/support/client.ts'
import { outcome } from './clients.ts'
import { type Scenario, tally } from './scenario.ts'

/** What would go on for ever, if nothing put an end to it. */
export const deadline: readonly Scenario[] = [
  {
    name: 'hung-request',
    title: 'A request that never ends',
    story: 'It has to be cut. The shutdown hook is to run nevertheless.',
    setup: { deadline: 1_000 },
    right: 'any',
    hooks: 1,
    exit: 'any',
    async act(running) {
      const answer = outcome(request(running.port, '/hung'))
      await running.arrived('/hung')
      running.signal()
      return tally([(await answer) === 'lost' ? 'cut' : await answer])
    }
  },
  {
    name: 'hung-hook',
    title: 'A shutdown hook that never ends',
    story:
      'It waits for something that is never answered. The process is to end by its deadline, and not as if all were well.',
    setup: { deadline: 1_000, cleanup: 'hang' },
    right: 'any',
    hooks: 1,
    exit: 'failed',
    async act(running) {
      running.signal()
      return {}
    }
  },
  {
    name: 'failing-hook',
    title: 'A shutdown hook that fails',
    story: 'The process is not to end as if all were well.',
    setup: { deadline: 1_000, cleanup: 'fail' },
    right: 'any',
    hooks: 1,
    exit: 'failed',
    async act(running) {
      running.signal()
      return {}
    }
  },
  {
    name: 'blocking-hook',
    title: 'A shutdown hook that blocks the event loop',
    story: 'No timer of the process can end it any more.',
    setup: { deadline: 1_000, cleanup: 'block' },
    right: 'any',
    hooks: 1,
    exit: 'failed',
    async act(running) {
      running.signal()
      return {}
    }
  },
  {
    name: 'blocking-handler',
    title: 'A handler that blocks the event loop after the signal',
    story: 'A request in flight starts a loop that does not end, 200 ms after the signal.',
    setup: { deadline: 1_000 },
    right: 'any',
    hooks: 0,
    exit: 'failed',
    async act(running) {
      const answer = outcome(request(running.port, '/block/200'))
      await running.arrived('/block/200')
      running.signal()
      await answer
      return tally(['cut'])
    }
  },
  {
    name: 'blocked-before',
    title: 'A handler that blocks the event loop before the signal',
    story:
      'No handler of the signal runs. fastify-lifecycle is given `hardKill: { stall: 1000 }`, its option for this, which no other package has.',
    setup: { deadline: 1_000, stall: 1_000 },
    right: 'any',
    hooks: 0,
    exit: 'failed',
    async act(running) {
      const answer = outcome(request(running.port, '/block/0'))
      await running.arrived('/block/0')
      await sleep(100)
      running.signal()
      await answer
      return tally(['cut'])
    }
  }
]
