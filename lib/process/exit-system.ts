import { isMainThread } from 'node:worker_threads'
import { type EndingProcess, replaceProcess } from '../undocumented/process-end.ts'
import { holdingThreads, type Surmise } from '../undocumented/threads.ts'
import { poolRequests } from '../undocumented.ts'
import { LastWords } from './last-words.ts'
import { endWorkers } from './workers.ts'

/** The functions of the system that the exit guard needs. */
export interface ExitSystem {
  /** Whether the exit ends the whole process, and not only a worker thread. */
  readonly isWhole: boolean
  lastWords(): Pick<LastWords, 'useReserve' | 'say' | 'close'>
  endWorkers(): boolean
  holdingThreads(surmise: Surmise): readonly string[] | undefined
  poolRequests(): readonly string[]
  sleep(ms: number): void
  replace(code: number, before: () => void): void
  kill(): void
}

const cell = new Int32Array(new SharedArrayBuffer(4))

/** The system that this process runs on; tests use another one. */
export const thisSystem: ExitSystem = {
  isWhole: isMainThread,
  lastWords: () => new LastWords(),
  endWorkers,
  holdingThreads: (surmise) => holdingThreads(surmise),
  poolRequests,
  sleep: (ms) => void Atomics.wait(cell, 0, 0, ms),
  replace: (code, before) => replaceProcess(process as unknown as EndingProcess, code, before),
  kill() {
    process.kill(process.pid, 'SIGKILL')
    // Only the first process of a container survives its own SIGKILL, and reaches this line.
    process.abort()
  }
}
