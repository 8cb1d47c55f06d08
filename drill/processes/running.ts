import { setTimeout as sleep } from 'node:timers/promises'
import { Failure } from '../failure.ts'
import { Family } from './family.ts'
import type { Exit, Subject } from './subject.ts'

/** How often to look whether the process still runs, in ms. */
const period = 10

/** An app that runs already. The drill only sends it the signal, and does not kill it. */
export function running(pid: number): Subject {
  if (!isAlive(pid)) throw new Failure('no-such-process', `There is no process ${pid} that you may signal.`)
  let exit: Exit | undefined
  const exited = (async () => {
    while (isAlive(pid)) await sleep(period)
    exit = { code: null, signal: null, at: performance.now() }
    return exit
  })()
  return {
    pid,
    family: new Family(pid),
    output: undefined,
    startedAt: performance.now(),
    exited,
    get exit() {
      return exit
    },
    signal: (signal) => {
      process.kill(pid, signal)
    },
    async end() {}
  }
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0)
  } catch {
    return false
  }
}
