import { workerData } from 'node:worker_threads'
import { WatchdogThread } from './thread.ts'
import { type ThreadSetup, worldOf } from './thread-world.ts'

// The entry point of the watchdog's thread. A worker's file would have to be found at run time, and bundlers do
// not keep that file. So the build makes one text of this file and everything that it imports, for `new
// Worker(text, { eval: true })`.

const { state, world, made } = worldOf(workerData as ThreadSetup)
void new WatchdogThread(state, world).run(made)
