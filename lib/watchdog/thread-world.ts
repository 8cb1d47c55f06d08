import fs from 'node:fs'
import os from 'node:os'
import process from 'node:process'
import { setTimeout } from 'node:timers'
import v8 from 'node:v8'
import { mainThreadWaits, thisThread } from '../undocumented/threads.ts'
import { cpuTime } from './cpu-time.ts'
import { flagsFor, readFile, writeInThread, writeToFileInThread } from './files.ts'
import { killLine } from './kill-line.ts'
import { type Call, frameOf, MainStack } from './main-stack.ts'
import { SharedState } from './shared-state.ts'
import { SourceMaps } from './source-maps.ts'
import { StandardError } from './standard-error.ts'
import type { Look, ThreadWorld } from './thread.ts'
import { type FileTools, type WriteTools, writeAnyway, writeToFileAnyway } from './write-anyway.ts'

/** What the thread receives when it starts. */
export interface ThreadSetup {
  readonly buffer: SharedArrayBuffer
  /** How far the main thread's clock is behind the system's monotonic clock, in ms. */
  readonly clockOffset: number
  readonly sourceMaps: boolean
  /** Whether the inspector may be used. Only the main thread can find this out. */
  readonly mayReadStack: boolean
  /** When the main thread made the thread. */
  readonly made: Look
}

/** The ways in which the thread acts on its process. */
export interface Reach {
  readonly pid: number
  /** The system's number of the thread, or 0. */
  readonly thread: number
  readonly mainStack: Pick<MainStack, 'attach' | 'read'>
  readonly stderr: Pick<StandardError, 'write'>
  readonly write: WriteTools['write']
  readonly writeInThread: WriteTools['writeInThread']
  readonly open: FileTools['open']
  readonly writeToFileInThread: FileTools['writeToFileInThread']
  kill(pid: number, signal: 'SIGKILL'): void
  setFlag(flag: string): void
}

/** For a process whose stack may not be read. */
const noStack: Reach['mainStack'] = { attach() {}, read: async () => [] }

/**
 * Node.js may be built without the inspector, or the inspector may not be allowed. Neither may end the thread
 * or the process.
 */
function mainStack(mayReadStack: boolean): Reach['mainStack'] {
  const inspector = mayReadStack ? process.getBuiltinModule?.('node:inspector') : undefined
  return inspector === undefined ? noStack : new MainStack(new inspector.Session())
}

function ownProcess({ mayReadStack }: ThreadSetup): Reach {
  return {
    pid: process.pid,
    thread: thisThread(),
    mainStack: mainStack(mayReadStack),
    stderr: new StandardError(),
    write: fs.write,
    writeInThread,
    open: fs.open,
    writeToFileInThread,
    kill: process.kill,
    setFlag: v8.setFlagsFromString
  }
}

/**
 * Makes the world that the thread works with. Everything is loaded before the thread waits, so that nothing has
 * to be loaded at the time of the kill.
 */
export function worldOf(
  setup: ThreadSetup,
  reach: Reach = ownProcess(setup)
): { readonly state: SharedState; readonly world: ThreadWorld; readonly made: Look } {
  const { pid, thread, mainStack, stderr, kill, setFlag } = reach
  const { buffer, clockOffset, sourceMaps, made } = setup
  const state = new SharedState(buffer)
  const hostname = os.hostname()
  state.setThread(thread)
  const after = (ms: number, callback: () => void) => void setTimeout(callback, ms)
  const world: ThreadWorld = {
    now: () => Number(process.hrtime.bigint()) / 1e6 - clockOffset,
    cpuTime,
    wait: (generation, ms) => void Atomics.wait(state.cells, 0, generation, ms),
    after,
    prepareStack: () => mainStack.attach(),
    mainThreadWaits: () => mainThreadWaits(),
    async readStack(found) {
      const show = (calls: Call[]) => found(calls.map(frameOf))
      const calls = await mainStack.read(show)
      if (sourceMaps) show(await new SourceMaps(readFile, performance.now.bind(performance)).mapAll(calls))
    },
    line: (verdict, facts, stack) => killLine(verdict, facts, stack, { pid, hostname, time: Date.now() }),
    async write(text) {
      if (!stderr.write(text)) await writeAnyway(2, text, { ...reach, after })
    },
    writeToFile: (path, text, isAppended) =>
      writeToFileAnyway(path, flagsFor(isAppended), text, { ...reach, after }),
    kill() {
      kill(pid, 'SIGKILL')
      if (pid === 1) trap(setFlag)
    }
  }
  return { state, world, made }
}

/**
 * Inside a container, Linux lets no process kill the container's first process, not even with SIGKILL. But that
 * process cannot ignore a trap of the processor, and V8 has an instruction that causes a trap.
 */
function trap(setFlag: (flag: string) => void): void {
  setFlag('--allow-natives-syntax')
  new Function('%SystemBreak()')()
}
