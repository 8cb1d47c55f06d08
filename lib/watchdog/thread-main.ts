import { workerData } from 'node:worker_threads'
import { WatchdogThread } from './thread.ts'
import { type ThreadSetup, worldOf } from './thread-world.ts'

// Where the thread begins. A worker's file would have to be found at run time, and bundlers lose it. So
// the build makes one text of this file and all that it imports, for `new Worker(text, { eval: true })`.

const { state, world, made } = worldOf(workerData as ThreadSetup)
void new WatchdogThread(state, world).run(made)
