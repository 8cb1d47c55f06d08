import { isMainThread } from 'node:worker_threads'
import { summaryOf } from '../report/summary.ts'
import { terminationLog } from '../telemetry/termination-log.ts'
import type { Shutdown } from './shutdown.ts'
import { draftOf } from './write-report.ts'

/** Makes the termination log say how the shutdown ended, even if something else ends the process early. */
export function keepTerminationLog(shutdown: Shutdown): void {
  const { settings, surroundings, events } = shutdown.parts
  const path = settings.terminationLog
  // `app.close()` and the fake process of a test do not end the process.
  if (path === false || shutdown.reason.type === 'close' || !surroundings.ends || !isMainThread) return
  const log = terminationLog()
  log.add(shutdown, path, (exitCode) => sentenceOf(shutdown, exitCode))
  // This listener runs before all others, because another listener may end the process or block it.
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
