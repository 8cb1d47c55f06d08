import { type ChildProcess, spawn } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import type { Readable } from 'node:stream'
import { Failure } from '../failure.ts'
import type { DrillSetup } from '../setup.ts'
import { Family, mark } from './family.ts'
import { Output } from './output.ts'
import { guard } from './reaper.ts'
import type { Exit, Subject } from './subject.ts'

/** Starts the command in a process group of its own, as a platform does. The command never outlives this process. */
export async function start(setup: DrillSetup, port: number): Promise<Subject> {
  const [program = '', ...args] = setup.command
  const marking = randomUUID()
  const env = { NODE_ENV: 'production', ...setup.env, PORT: String(port), [mark]: marking }
  const startedAt = performance.now()
  const child = spawn(program, args, {
    cwd: setup.cwd,
    env,
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe']
  })
  await spawned(child, program)
  return subjectOf(child, marking, startedAt)
}

async function spawned(child: ChildProcess, program: string): Promise<void> {
  try {
    await once(child, 'spawn')
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException
    const reason =
      code === 'ENOENT'
        ? `There is no program '${program}'. Write the command as you would type it: drill -- node server.js`
        : `'${program}' cannot be started: ${message}.`
    throw new Failure('not-found', reason)
  }
}

function subjectOf(child: ChildProcess, marking: string, startedAt: number): Subject {
  const pid = child.pid as number
  const release = guard(pid)
  const family = new Family(pid, { ownsGroup: true, marking })
  const output = new Output([child.stdout as Readable, child.stderr as Readable])
  let exit: Exit | undefined
  const exited = once(child, 'exit').then(([code, signal]) => {
    exit = { code, signal, at: performance.now() }
    return exit
  })
  return {
    pid,
    family,
    output,
    startedAt,
    exited,
    get exit() {
      return exit
    },
    signal: (signal) => {
      child.kill(signal)
    },
    async end() {
      killGroup(pid)
      await family.kill()
      await exited
      release()
    }
  }
}

function killGroup(group: number): void {
  try {
    process.kill(-group, 'SIGKILL')
  } catch {
    // All processes of the group are gone.
  }
}
