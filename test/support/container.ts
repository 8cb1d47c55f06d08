import { spawnSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import type { TestContext } from 'node:test'
import { Program } from './program.ts'

const unshare = ['--pid', '--fork', '--mount-proc', '--kill-child']

/** Linux alone has process namespaces, and not everybody may make one. */
export const hasContainers: boolean =
  process.platform === 'linux' && spawnSync('unshare', [...unshare, 'true']).status === 0

/** What to pass to tests that need them; in CI on Linux it is an error if they cannot be made. */
export function whereContainers(): { skip?: string } {
  if (hasContainers) return {}
  if (process.env['CI'] !== undefined && process.platform === 'linux') {
    throw new Error('no process namespace can be made here: run the tests as root')
  }
  return { skip: 'NOT CHECKED: no process namespace can be made here' }
}

/** Whether there is such a program on this machine. */
export function hasProgram(name: string): boolean {
  return (process.env['PATH'] ?? '').split(':').some((folder) => existsSync(`${folder}/${name}`))
}

/** A program as the first process of a process namespace, which is what Docker makes of it. */
export class Container extends Program {
  constructor(t: TestContext, command: readonly string[], env: NodeJS.ProcessEnv = {}) {
    super(t, 'unshare', [...unshare, ...command], env)
  }

  /** What `docker stop` does: the signal to the first process, and SIGKILL to all when its time is up. */
  async stop(signal: NodeJS.Signals, grace: number): Promise<number | null> {
    const first = Number(readFileSync(`/proc/${this.pid}/task/${this.pid}/children`, 'utf8'))
    process.kill(first, signal)
    const kill = setTimeout(() => this.kill('SIGKILL'), grace)
    const { code } = await this.exited
    clearTimeout(kill)
    return code
  }
}
