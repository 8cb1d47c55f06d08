import { request } from '../support/client.ts'
import { freePort } from '../support/free-port.ts'
import { PM2 } from '../support/pm2.ts'
import { compiled, Program } from '../support/program.ts'
import { press } from './keyboard.ts'
import type { Scenario } from './scenario.ts'

// Apps that a process of Node.js starts, and ends.

export const families: readonly Scenario[] = [
  {
    what: 'node:cluster with two workers: Ctrl-C',
    expected: 'two workers drain; the request in flight gets 200; the primary exits with code 0',
    needs: 'KOFFI',
    async act(t) {
      const port = await freePort()
      const env = { PORT: String(port), WARM: 'yes', BEHAVIOUR: '' }
      const primary = new Program(t, process.execPath, [compiled('test/fixtures/platforms/cluster')], env)
      await primary.said('Server listening', 2)
      const answer = request(port, '/slow/3000')
      await primary.said('incoming request')
      await press(primary.pid, 'Ctrl-C')
      const { status } = await answer
      const { code } = await primary.exited
      const { length } = primary.logs.filter((line) => line.code === 'LIFECYCLE_REPORT')
      return `${length === 2 ? 'two workers drain' : `${length} reports`}; the request in flight gets ${status}; the primary exits with code ${code}`
    }
  },
  {
    what: '`pm2 stop`, with `shutdown_with_message: true`',
    expected: '`pm2`; the request in flight gets 200; exit code 0',
    // On Windows all daemons of PM2 have the same pipe.
    needs: 'OWN_PM2',
    async act(t) {
      const pm2 = new PM2(t)
      const settings = { shutdown_with_message: true, exec_mode: 'fork', instances: 1 }
      const port = await pm2.start('test/fixtures/platforms/service', settings)
      const answer = request(port, '/held')
      await pm2.logged('arrived at')
      const stopped = pm2.run('stop', 'orders')
      await pm2.logged('draining')
      await request(port, '/go')
      const { status } = await answer
      await stopped
      const [line] = await pm2.lastLines(1)
      const { exitCode, reason } = line?.report ?? {}
      const told = reason?.type === 'shutdown' ? reason.message : reason?.type
      return `\`${told}\`; the request in flight gets ${status}; exit code ${exitCode}`
    }
  }
]
