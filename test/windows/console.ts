import { setTimeout as sleep } from 'node:timers/promises'
import type { LifecycleOptions } from 'fastify-lifecycle'
import { type AppProcess, startApp } from '../support/app-process.ts'
import { request } from '../support/client.ts'
import { press } from './keyboard.ts'
import type { Key } from './press.ts'
import type { Scenario } from './scenario.ts'

// What the console of an app sends.

/** Two times Ctrl-C within half a second are one. */
const oneKeystroke = 600

/** One request is in flight when the key is pressed, and is answered when the shutdown has begun. */
function pressed(what: string, key: Key, signal: string, options: LifecycleOptions = {}): Scenario {
  return {
    what,
    expected: `${signal}; the request in flight gets 200; exit code 0`,
    needs: 'KOFFI',
    async act(t) {
      const app = await startApp(t, { options })
      const answer = request(app.port, '/held/one')
      await app.message({ arrived: '/held/one' })
      await press(app.pid, key)
      await app.phase('draining')
      app.tell('answer one')
      const { status } = await answer
      const { code } = await app.exited
      const { reason } = app.report
      return `${reason.type === 'signal' ? reason.signal : reason.type}; the request in flight gets ${status}; exit code ${code}`
    }
  }
}

export const console: readonly Scenario[] = [
  pressed('Ctrl-C', 'Ctrl-C', 'SIGINT'),
  {
    what: 'Ctrl-C, and again while a request hangs',
    expected: 'the drain, then an exit at once with code 1; the report has `abandoned`',
    needs: 'KOFFI',
    async act(t) {
      const app = await startApp(t)
      request(app.port, '/hung/1').catch(() => {})
      await app.message({ arrived: '/hung/1' })
      await press(app.pid, 'Ctrl-C')
      await app.phase('draining')
      await sleep(oneKeystroke)
      await press(app.pid, 'Ctrl-C')
      const { code } = await app.exited
      return `the drain, then an exit at once with code ${code}; the report has \`${app.report.outcome}\``
    }
  },
  pressed("Ctrl-Break, with `signals: ['SIGBREAK']`", 'Ctrl-Break', 'SIGBREAK', { signals: ['SIGBREAK'] }),
  {
    what: 'Ctrl-Break, with the default `signals`',
    expected: 'the process ends at once, without a report',
    needs: 'KOFFI',
    act: async (t) => {
      const app = await startApp(t)
      await press(app.pid, 'Ctrl-Break')
      await app.exited
      return `the process ends at once, ${withReport(app)}`
    }
  },
  pressed("the console is closed, with `signals: ['SIGHUP']`", 'close', 'SIGHUP', { signals: ['SIGHUP'] })
]

/** Whether the app was able to write its report. */
export function withReport({ logs }: Pick<AppProcess, 'logs'>): string {
  return logs.some(({ report }) => report !== undefined) ? 'with a report' : 'without a report'
}
