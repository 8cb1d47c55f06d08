import { execFile } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TestContext } from 'node:test'
import { promisify } from 'node:util'
import { cleanup } from './cleanup.ts'
import { NotifySocket } from './notify-socket.ts'
import { Program } from './program.ts'

const run = promisify(execFile)

/** The units of the test are the only ones, but for what systemd brings along. */
const script = `
set -e
mount --make-rprivate /
mount -t proc proc /proc
mount -t tmpfs tmpfs /run
mkdir -p /run/systemd/system
mount --bind "$0" /run/systemd/system
touch /run/console
mount --bind /run/console /dev/console
exec /lib/systemd/systemd --system --unit=test.target --show-status=0`

/** A systemd of the test's own: process 1 of namespaces, as in a container. The network is that of the host. */
export class Systemd {
  readonly #first: number

  private constructor(first: number) {
    this.#first = first
  }

  /** Starts it with these units, by the names of their files. `undefined` where it does not come up. */
  static async start(t: TestContext, units: Readonly<Record<string, string>>): Promise<Systemd | undefined> {
    const folder = mkdtempSync(join(tmpdir(), 'systemd-'))
    cleanup(t, () => rmSync(folder, { recursive: true }))
    const target = '[Unit]\nDefaultDependencies=no\n'
    for (const [name, text] of Object.entries({ 'test.target': target, ...units }))
      writeFileSync(join(folder, name), text)
    const socket = await NotifySocket.open(t)
    const namespaces = ['--fork', '--pid', '--mount', '--uts', '--ipc', '--cgroup', '--kill-child']
    const env = { container: 'test', NOTIFY_SOCKET: socket.path }
    const program = new Program(t, 'unshare', [...namespaces, 'sh', '-c', script, folder], env)
    const isUp = await Promise.race([socket.said('READY').then(() => true), program.exited.then(() => false)])
    if (!isUp) {
      t.diagnostic(program.output)
      return undefined
    }
    return new Systemd(Number(readFileSync(`/proc/${program.pid}/task/${program.pid}/children`, 'utf8')))
  }

  /** Runs `systemctl`, and resolves with what it prints. */
  async ctl(...args: readonly string[]): Promise<string> {
    const { stdout } = await run('nsenter', ['-t', String(this.#first), '-a', 'systemctl', ...args])
    return stdout.trim()
  }
}
