import { readFileSync, rmSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { request } from '../../test/support/client.ts'
import { outcome } from './clients.ts'
import type { Running } from './running.ts'
import { type Scenario, tally } from './scenario.ts'

/** Signals, crashes, and what else concerns the process as a whole. */
export const ofTheProcess: readonly Scenario[] = [
  {
    name: 'echo',
    title: 'The same signal again after 30 ms',
    story: 'Terminals and process managers send a signal twice. A request of 600 ms is in flight.',
    setup: { deadline: 1_500 },
    right: ['200'],
    hooks: 1,
    exit: 'clean',
    act: (running) =>
      inFlight(running, async () => {
        running.signal()
        await sleep(30)
        running.signal()
      })
  },
  {
    name: 'repeated',
    title: 'The same signal again after 300 ms',
    story:
      'Platforms, process managers and libraries repeat SIGTERM. The second signal should change nothing. A request of 600 ms is in flight.',
    setup: { deadline: 1_500 },
    right: ['200'],
    hooks: 1,
    exit: 'clean',
    act: (running) =>
      inFlight(running, async () => {
        running.signal()
        await sleep(300)
        running.signal()
      })
  },
  {
    name: 'second-signal',
    title: 'Ctrl-C, and again after 700 ms',
    story:
      'A request hangs, and somebody presses Ctrl-C again. The process should exit within 300 ms, whatever it still waits for.',
    setup: { deadline: 1_500 },
    right: ['ended at once'],
    wrongly: 'ignores it',
    hooks: 0,
    exit: 'failed',
    async act(running) {
      const answer = outcome(request(running.port, '/hung'))
      await running.arrived('/hung')
      running.signal('SIGINT')
      await sleep(700)
      running.signal('SIGINT')
      const ended = await Promise.race([running.exited.then(() => true), sleep(300).then(() => false)])
      await answer
      return tally([ended ? 'ended at once' : 'ignored'])
    }
  },
  {
    name: 'pool',
    title: 'An exit that a dead disk would hold',
    story:
      'A read that never ends holds a thread of libuv, and `process.exit()` waits for that thread. The process should exit before its deadline.',
    setup: { deadline: 1_500 },
    right: 'any',
    hooks: 1,
    exit: 'any',
    async act(running) {
      await running.turned('holdPool')
      running.signal()
      return {}
    }
  },
  {
    name: 'rejection',
    title: 'An unhandled rejection during the drain',
    story: 'A promise is rejected, and nobody handles it, while a request of 600 ms is in flight.',
    setup: { deadline: 1_500 },
    right: ['200'],
    hooks: 1,
    exit: 'any',
    act: (running) =>
      inFlight(running, async () => {
        running.signal()
        await sleep(100)
        running.call('reject')
      })
  },
  {
    name: 'exception',
    title: 'An uncaught exception',
    story: 'Nobody sends a signal. Some code throws, while an unrelated request of 600 ms is in flight.',
    setup: { deadline: 1_500 },
    right: ['200'],
    hooks: 1,
    exit: 'failed',
    act: (running) => inFlight(running, async () => running.begin('throw'))
  },
  {
    name: 'two-apps',
    title: 'Two apps in one process',
    story: 'Each app has its own shutdown code and a request in flight: one of 300 ms, the other of 700 ms.',
    setup: { deadline: 1_500, apps: 2 },
    right: ['200'],
    hooks: 2,
    exit: 'clean',
    async act(running) {
      const [first, second] = running.ports as [number, number]
      const answers = [outcome(request(first, '/slow/300')), outcome(request(second, '/slow/700'))]
      await Promise.all([running.arrived('/slow/300'), running.arrived('/slow/700')])
      running.signal()
      return tally(await Promise.all(answers))
    }
  },
  {
    name: 'log',
    title: 'The last lines of the log',
    story: 'The shutdown hook writes 500 lines, through a pino destination that buffers them.',
    setup: { deadline: 1_000, log: true },
    right: ['all lines'],
    wrongly: 'lines lost',
    hooks: 1,
    exit: 'clean',
    async act(running) {
      running.signal()
      await running.exited
      const written = readFileSync(running.logFile, 'utf8')
      running.afterwards(() => rmSync(running.logFile))
      return tally([written.split('"CLEANUP"').length === 501 ? 'all lines' : 'lines lost'])
    }
  },
  {
    name: 'close',
    title: '`app.close()` without a signal, as in tests',
    story:
      'No signal is sent. The app closes, and its hook runs. Nothing may keep the process alive or end it early.',
    setup: { deadline: 1_000 },
    right: ['closed'],
    wrongly: 'not closed',
    hooks: 1,
    exit: 'clean',
    async act(running) {
      running.begin('close')
      await running.exited
      return tally([running.hasSaid('closed') ? 'closed' : 'not closed'])
    }
  }
]

async function inFlight(running: Running, end: () => Promise<void>): Promise<Record<string, number>> {
  const answer = outcome(request(running.port, '/slow/600'))
  await running.arrived('/slow/600')
  await end()
  return tally([await answer])
}
