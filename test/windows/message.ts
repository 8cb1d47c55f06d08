import { request } from '../support/client.ts'
import { compiled, Program } from '../support/program.ts'
import type { Scenario } from './scenario.ts'

/** The example of the page about Windows, which a parent process tells to shut down. */
export const message: Scenario = {
  what: 'a message from the parent process',
  expected: '`told by a message`; the request in flight gets 200; exit code 0',
  async act(t) {
    const app = new Program(t, process.execPath, [compiled('examples/windows/server')], { PORT: '0' }, 'ipc')
    const port = await app.listens()
    const answer = request(port, '/slow', { host: 'localhost' })
    await app.said('incoming request')
    app.tell('shutdown')
    const { status } = await answer
    const { code } = await app.exited
    const [, reason] = /lifecycle\.shutdown\(\): ([\w ]+):/.exec(app.output) ?? []
    return `\`${reason}\`; the request in flight gets ${status}; exit code ${code}`
  }
}
