import type { TestContext } from 'node:test'
import { Program } from './program.ts'
import type { Owner } from './proxy.ts'

/**
 * What systemd does with a `.socket` unit and a service that has `Restart=always`: it opens the socket, starts the
 * service at the first connection, and starts it again each time it ends. It never accepts a connection itself.
 * Its arguments: the names of the sockets, with colons in between, and then the command. Without a name it holds none,
 * and starts the service at once.
 */
const script = `
import os, select, socket, subprocess, sys
names, command = sys.argv[1], sys.argv[2:]
passed = []
for index, name in enumerate(names.split(':') if names else []):
    listener = socket.socket()
    listener.bind(('127.0.0.1', 0))
    listener.listen(4096)
    print('holds', name, listener.getsockname()[1], flush=True)
    # These descriptors are free, because nothing else was opened.
    os.dup2(listener.detach(), 3 + index)
    passed.append(3 + index)
if passed: select.select(passed, [], [])
os.environ.update(LISTEN_FDS=str(len(passed)), LISTEN_FDNAMES=names)
as_main = ['sh', '-c', ('LISTEN_PID=$$ ' if passed else '') + 'SYSTEMD_EXEC_PID=$$ exec "$@"', 'sh']
count = 0
while True:
    count += 1
    service = subprocess.Popen(as_main + command, pass_fds=passed, stdin=subprocess.DEVNULL)
    print('started', count, service.pid, flush=True)
    print('ended', service.pid, service.wait(), flush=True)
`

/** A service whose sockets somebody else holds. */
export class HeldService extends Program {
  #starts = 0

  constructor(
    owner: Owner,
    file: string,
    { names = 'http', env = {} }: { names?: string; env?: NodeJS.ProcessEnv } = {}
  ) {
    super(owner as TestContext, 'python3', ['-c', script, names, process.execPath, file], env)
  }

  /** Where the socket listens, which it does before the service has started. */
  async portOf(name = 'http'): Promise<number> {
    return Number((await this.prints(new RegExp(`^holds ${name} (\\d+)\\n`, 'm')))[1])
  }

  /** The process id of the service, each time the next one: the first, then the one after a restart. */
  async nextStart(): Promise<number> {
    const started = await this.prints(new RegExp(`^started ${++this.#starts} (\\d+)\\n`, 'm'))
    return Number(started[1])
  }

  /** Resolves when so many processes have begun to listen. */
  async listening(count: number): Promise<void> {
    await this.said('Server listening', count)
  }

  /** The exit code of a service that has ended, negative where it was a signal. */
  async ended(pid: number): Promise<number> {
    return Number((await this.prints(new RegExp(`^ended ${pid} (-?\\d+)\\n`, 'm')))[1])
  }
}
