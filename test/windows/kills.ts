import { once } from 'node:events'
import type { TestContext } from 'node:test'
import { startApp } from '../support/app-process.ts'
import { startChild } from '../support/children.ts'
import { request } from '../support/client.ts'
import { withReport } from './console.ts'
import { message } from './message.ts'
import type { Scenario } from './scenario.ts'

// What another process can do.

const endsAtOnce = 'the process ends at once, without a report'

/** Kills an app that would have much to do. */
async function killed(t: TestContext, kill: (pid: number) => unknown): Promise<string> {
  const app = await startApp(t, { hooks: [{ name: 'db', does: 'hang' }] })
  await kill(app.pid)
  await app.exited
  return `the process ends at once, ${withReport(app)}`
}

async function taskkill(...args: string[]): Promise<number> {
  const [code] = await once(startChild('taskkill', args, { stdio: 'ignore' }), 'exit')
  return code
}

export const kills: readonly Scenario[] = [
  message,
  {
    what: '`taskkill /PID`',
    expected: 'nothing: it is refused, and the app serves on',
    async act(t) {
      const app = await startApp(t)
      const code = await taskkill('/PID', String(app.pid))
      const { status } = await request(app.port, '/readyz')
      return `${code === 0 ? 'it works' : 'nothing: it is refused'}, and the app ${status === 200 ? 'serves on' : `answers ${status}`}`
    }
  },
  {
    what: '`taskkill /F /PID`',
    expected: endsAtOnce,
    act: (t) => killed(t, (pid) => taskkill('/F', '/PID', String(pid)))
  },
  {
    what: "`process.kill(pid, 'SIGTERM')` in another process",
    expected: endsAtOnce,
    act: (t) => killed(t, (pid) => process.kill(pid, 'SIGTERM'))
  }
]
