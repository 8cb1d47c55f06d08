import { setTimeout as sleep } from 'node:timers/promises'
import { request } from '../../test/support/client.ts'
import { outcome } from './clients.ts'
import { type Scenario, tally } from './scenario.ts'

/** What would go on for ever, if nothing put an end to it. */
export const deadline: readonly Scenario[] = [
  {
    name: 'hung-request',
    title: 'A request that never ends',
    story: 'The request must be cut, and the shutdown hook should still run.',
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
      'The hook waits for an answer that never comes. The process should exit before its deadline, with a code that is not 0.',
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
    story: 'The process should exit with a code that is not 0.',
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
    story: 'No timer runs any more, so the process cannot end itself by a timer.',
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
    story: 'The handler of a request in flight starts an endless loop 200 ms after the signal.',
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
      'No handler of the signal can run. fastify-lifecycle has an option for this case, `hardKill: { stall: 1000 }`. No other package has such an option.',
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
