import { once } from 'node:events'
import { setTimeout as sleep } from 'node:timers/promises'
import { killGroup, startChild } from '../support/children.ts'
import { request } from '../support/client.ts'
import { freePort } from '../support/free-port.ts'
import { compiled } from '../support/program.ts'
import type { Seen } from './scenario.ts'

/**
 * A program of Windows in a terminal of this system, which Wine makes the program's console: somebody types Ctrl-C.
 */
export async function inTerminal(command: readonly string[], env: NodeJS.ProcessEnv): Promise<Seen[]> {
  const what = 'Ctrl-C, typed in a terminal of Linux'
  const expected = 'SIGINT; the request in flight gets 200; exit code 0'
  const port = await freePort()
  const shell = [...command, compiled('examples/windows/server')].map((word) => `'${word}'`).join(' ')
  const terminal = startChild('script', ['-qefc', shell, '/dev/null'], {
    env: { ...env, PORT: String(port), KUBERNETES_SERVICE_HOST: '', TERM: 'xterm' },
    stdio: ['pipe', 'pipe', 'inherit']
  })
  try {
    let output = ''
    terminal.stdout?.on('data', (chunk) => {
      output += chunk
    })
    const exited = once(terminal, 'exit')
    while (
      !(await request(port, '/readyz').then(
        ({ status }) => status === 200,
        () => false
      ))
    )
      await sleep(50)
    const answer = request(port, '/slow')
    // The console breaks its lines where the window ends.
    const written = () => output.replaceAll(/\s/g, '')
    while (!written().includes('incomingrequest'))
      await once(terminal.stdout as NodeJS.ReadableStream, 'data')
    terminal.stdin?.write('\x03')
    const { status } = await answer
    const [code] = await exited
    const [, signal] = /becauseof(SIG[A-Z]+)/.exec(written()) ?? []
    return [{ what, expected, seen: `${signal}; the request in flight gets ${status}; exit code ${code}` }]
  } finally {
    killGroup(terminal)
  }
}
