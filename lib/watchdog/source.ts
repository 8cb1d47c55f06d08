import { killLine } from './kill-line.ts'
import { type Call, frameOf, MainStack } from './main-stack.ts'
import { SharedState } from './shared-state.ts'
import { SourceMaps } from './source-maps.ts'
import { type Look, type ThreadWorld, WatchdogThread } from './thread.ts'
import { writeAll } from './write-all.ts'

// A worker's file would have to be found by path at run time, which bundlers break; so the thread's
// code is carried as text, taken from the functions themselves. Hence each of them stands alone: it
// uses nothing of its module's scope, and no `#private` member, which some compilers turn into one.

interface Parts {
  readonly WatchdogThread: typeof WatchdogThread
  readonly SharedState: typeof SharedState
  readonly SourceMaps: typeof SourceMaps
  readonly MainStack: typeof MainStack
  readonly frameOf: typeof frameOf
  readonly killLine: typeof killLine
  readonly writeAll: typeof writeAll
}

/** All that the thread is made of. */
export const parts: Parts = {
  WatchdogThread,
  SharedState,
  SourceMaps,
  MainStack,
  frameOf,
  killLine,
  writeAll
}

/** What the thread is given when it starts. */
export interface ThreadSetup {
  readonly buffer: SharedArrayBuffer
  /** What the main thread's clock is behind the system's monotonic clock, in ms. */
  readonly clockOffset: number
  readonly sourceMaps: boolean
  /** When the main thread made the thread. */
  readonly made: Look
}

type Load = (name: string) => unknown

/** Starts the thread's work. Runs in the thread. */
export function enter(setup: ThreadSetup, load: Load, own: Parts): Promise<void> {
  const fs = load('node:fs') as typeof import('node:fs')
  const os = load('node:os') as typeof import('node:os')
  const url = load('node:url') as typeof import('node:url')
  const { pid, hrtime, cpuUsage, kill } = load('node:process') as NodeJS.Process
  const { setTimeout } = load('node:timers') as typeof import('node:timers')
  const { SourceMap } = load('node:module') as typeof import('node:module')
  const { Session } = load('node:inspector') as typeof import('node:inspector')
  const v8 = load('node:v8') as typeof import('node:v8')

  // All is loaded before the wait, so that nothing is left to load when every millisecond counts.
  const hostname = os.hostname()
  const state = new own.SharedState(setup.buffer)
  const mainStack = new own.MainStack(new Session())
  const after = (ms: number, callback: () => void) => void setTimeout(callback, ms)
  const readFile = (address: URL) => fs.promises.readFile(address)
  // Linux lets nothing inside a container kill its first process, not even SIGKILL. But the processor's
  // own trap is not a signal that it could leave aside: V8 has an instruction of its debug kind.
  const trap = () => {
    v8.setFlagsFromString('--allow-natives-syntax')
    new Function('%SystemBreak()')()
  }
  const world: ThreadWorld = {
    now: () => Number(hrtime.bigint()) / 1e6 - setup.clockOffset,
    cpuTime: () => (cpuUsage().user + cpuUsage().system) / 1e3,
    wait: (generation, ms) => void Atomics.wait(state.cells, 0, generation, ms),
    after,
    prepareStack: () => mainStack.attach(),
    async readStack(found) {
      const show = (calls: Call[]) => found(calls.map((call) => own.frameOf(call, url.fileURLToPath)))
      const calls = await mainStack.read(show)
      const maps = new own.SourceMaps({ SourceMap, URL: url.URL, readFile })
      if (setup.sourceMaps) show(await maps.mapAll(calls))
    },
    line: (verdict, facts, stack) => own.killLine(verdict, facts, stack, { pid, hostname, time: Date.now() }),
    write: (text) => own.writeAll(2, text, { write: fs.write, after }),
    kill() {
      kill(pid, 'SIGKILL')
      if (pid === 1) trap()
    }
  }
  return new own.WatchdogThread(state, world).run(setup.made)
}

/** The thread's whole code, for `new Worker(source, { eval: true })`. */
export function threadSource(): string {
  const entries = Object.entries(parts).map(([name, part]) => `${name}: ${part}`)
  return [
    // Some compilers wrap each function in a call of a helper of theirs, to keep its name. Whatever
    // they call it, it is not here, and any name that is not here stands for a function that does nothing.
    'const isMissing = (_, name) => !(name in globalThis)',
    'with (new Proxy({}, { has: isMissing, get: () => (target) => target }))',
    `(${enter})(require('node:worker_threads').workerData, require, {`,
    entries.join(',\n'),
    '})'
  ].join('\n')
}
