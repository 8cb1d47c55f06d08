import { constants } from 'node:os'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Report } from 'fastify-lifecycle'
import { formatReport } from 'fastify-lifecycle/report'
import { Child } from './child.ts'
import { watchLive } from './live.ts'
import type { AppMessage, Tally } from './messages.ts'
import { watchPlain } from './plain.ts'
import { Progress } from './progress.ts'
import { isProved, verdict } from './verdict.ts'

// Starts an app and puts load on it, sends it SIGTERM in the middle of that, and shows what
// becomes of each request. Exits with 0 only if none was lost and the app exited with 0.

/** How long the load goes on before the signal, in ms. */
const loadTime = Number(process.env['DEMO_LOAD'] ?? 3_000)
/** The demo ends by then, whatever happens; the app's own deadline is well before that. */
const timeLimit = 14_500

for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
  // The children are ended when this process exits, however it does.
  process.once(signal, () => process.exit(128 + constants.signals[signal]))
}
setTimeout(() => giveUp(`not over after ${timeLimit} ms`), timeLimit).unref()

const progress = new Progress()
const app = new Child<AppMessage>('app.js', [], (message) => progress.hearApp(message))
const { port } = await app.first((message) => 'port' in message)

const stopWatching = process.stdout.isTTY ? watchLive(progress) : watchPlain(progress)
const load = new Child<Tally>('load.js', [`http://127.0.0.1:${port}`], (tally) => progress.hearLoad(tally))
await load.first((tally): tally is Tally => tally.served > 0)
await sleep(loadTime)

const signalled = app.kill('SIGTERM')
const exit = await app.exited
progress.appIsGone()
load.tell('stop')
if ((await load.exited).code !== 0) giveUp('the load did not come to its end')
stopWatching()

const findings = { tally: progress.tally, exit, signalled }
console.log(`\n${formatReport(reportOf(app.output))}\n`)
console.log(verdict(findings))
process.exitCode = isProved(findings) ? 0 : 1

/** Its report is the last thing that the app logs. */
function reportOf(log: string): Report {
  const line = log.split('\n').findLast((text) => text.includes('LIFECYCLE_REPORT'))
  if (line === undefined) throw new Error(`the app has logged no report:\n${log}`)
  return JSON.parse(line).report
}

function giveUp(why: string): never {
  console.error(`The demo gave up: ${why}.`)
  process.exit(1)
}
