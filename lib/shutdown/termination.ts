import { isMainThread } from 'node:worker_threads'
import { summaryOf } from '../report/summary.ts'
import { terminationLog } from '../telemetry/termination-log.ts'
import type { Shutdown } from './shutdown.ts'
import { draftOf } from './write-report.ts'

/** Has the termination log say how the shutdown ends, also where something else ends the process before. */
export function keepTerminationLog(shutdown: Shutdown): void {
  const { settings, surroundings, events } = shutdown.parts
  const path = settings.terminationLog
  // After `app.close()` the process goes on, and in a process that a test plays nothing ends.
  if (path === false || shutdown.reason.type === 'close' || !surroundings.ends || !isMainThread) return
  const log = terminationLog()
  log.add(shutdown, path, (exitCode) => sentenceOf(shutdown, exitCode))
  // Before any other listener, which may end the process or block it.
  events.emitter.prependOnceListener('report', () => {
    log.write(path)
    if (!settings.exit) log.remove(shutdown)
  })
}

function sentenceOf(shutdown: Shutdown, exitCode: number | undefined): string | undefined {
  const { report } = shutdown
  if (report !== null) return exitCode === undefined ? report.summary : summaryOf(report, { exitCode })
  if (exitCode === undefined) return undefined
  return summaryOf(draftOf(shutdown, 'abandoned'), { exitCode, isEarly: true })
}
