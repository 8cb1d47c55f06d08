import { startApp } from '../support/app-process.ts'
import { request } from '../support/client.ts'
import { press } from './keyboard.ts'
import type { Scenario } from './scenario.ts'

// What hangs, blocks or crashes. The limits are short, because these scenarios are about them.

const deadline = 2_000

/** The last line of an app that the watchdog has ended, if it is there. */
function lastLine(stderr: string): { code?: string; stack?: { function: string; file: string }[] } {
  const line = stderr.split('\n').find((each) => each.startsWith('{"level":'))
  return line === undefined ? {} : JSON.parse(line)
}

/** What the last line says: its code, and the first function of the stack that is the app's own. */
function said(stderr: string): string {
  const { code, stack } = lastLine(stderr)
  const frame = stack?.find(({ file }) => /[\\/]fixtures[\\/]/.test(file))
  const drive = /^(?:file:\/\/\/)?[A-Z]:/.test(frame?.file ?? '') ? 'a path with a drive' : frame?.file
  return `\`${code}\` with \`${frame?.function}\` and ${drive}`
}

export const watchdog: readonly Scenario[] = [
  {
    what: 'a hook that never ends',
    expected: 'it times out; the report has `failed`; exit code 1',
    needs: 'KOFFI',
    async act(t) {
      const app = await startApp(t, { options: { hookTimeout: 300 }, hooks: [{ name: 'db', does: 'hang' }] })
      await press(app.pid, 'Ctrl-C')
      const { code } = await app.exited
      const { outcome, hooks } = app.report
      const timedOut = hooks.some(({ outcome }) => outcome === 'timeout')
        ? 'it times out'
        : 'it does not time out'
      return `${timedOut}; the report has \`${outcome}\`; exit code ${code}`
    }
  },
  {
    what: 'a hook that blocks the event loop, until the deadline',
    expected: '`LIFECYCLE_HARD_KILL` with `loopsForEver` and a path with a drive; exit code 1',
    needs: 'KOFFI',
    async act(t) {
      const app = await startApp(
        t,
        { way: 'loop', place: 'hook', options: { deadline } },
        { fixture: 'blocked' }
      )
      await press(app.pid, 'Ctrl-C')
      const { code } = await app.exited
      return `${said(app.stderr)}; exit code ${code}`
    }
  },
  {
    what: 'a handler that blocks the event loop, with `hardKill: { stall }`',
    expected: '`LIFECYCLE_STALL` with `loopsForEver` and a path with a drive; exit code 1',
    async act(t) {
      const options = { hardKill: { stall: deadline } }
      const app = await startApp(t, { way: 'loop', place: 'handler', options }, { fixture: 'blocked' })
      request(app.port, '/blocked').catch(() => {})
      const { code } = await app.exited
      return `${said(app.stderr)}; exit code ${code}`
    }
  },
  {
    what: 'an exception that nobody catches',
    expected: 'the hooks run; the request in flight gets 200; exit code 1',
    async act(t) {
      const app = await startApp(t, { hooks: [{ name: 'db', does: 'nothing' }] }, { fixture: 'crash' })
      const answer = request(app.port, '/held/one')
      await app.message({ arrived: '/held/one' })
      app.tell('throw')
      await app.phase('draining')
      app.tell('answer one')
      const { status } = await answer
      await app.message({ hook: 'db' })
      const { code } = await app.exited
      return `the hooks run; the request in flight gets ${status}; exit code ${code}`
    }
  }
]
