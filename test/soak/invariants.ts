import type { Observed } from './run.ts'
import { drainTimeout, hookTimeout } from './scenario.ts'

/** For how long beyond the deadline a process on a busy machine may be there, in ms. */
const room = 2_000

/** What holds of every run, whatever the scenario. Says what does not. */
export function violations(observed: Observed): string[] {
  return [...ofRequests(observed), ...ofHooks(observed), ...ofTheEnd(observed)]
}

/** Nothing is lost but what took too long, and the report accounts for what clients saw. */
function ofRequests({ seen, report, finishedBefore, left, queued }: Observed): string[] {
  const { completed, rejected, aborted, cut, cutCount, leftCount } = report.requests
  const wrong: string[] = []
  if (seen.lost.length !== cutCount) {
    const what = [...new Set(seen.lost.map((each) => each.what))].join('; ')
    const never = queued === 0 ? '' : ` (${queued} on connections that the app never got)`
    wrong.push(`clients lost ${seen.lost.length}${never}, cut ${cutCount}: ${what}`)
  }
  for (const { route, age } of cut) {
    if (age < drainTimeout) wrong.push(`${route} was cut after ${age} ms`)
  }
  const answered = seen.answered + seen.probes.length + left.answered - finishedBefore
  if (completed !== answered) wrong.push(`completed ${completed}, clients saw ${answered}`)
  const saidNo = seen.rejected + left.rejected
  if (rejected !== saidNo) wrong.push(`rejected ${rejected}, clients saw ${saidNo}`)
  if (aborted !== left.abandoned) wrong.push(`aborted ${aborted}, of clients that left ${left.abandoned}`)
  if (left.begun !== left.done + leftCount) {
    wrong.push(`work without a client: ${left.begun} begun, ${left.done} done, ${leftCount} left`)
  }
  if (seen.closeCodes.some((code) => code !== 1012)) wrong.push(`WebSockets closed with ${seen.closeCodes}`)
  const firstNo = seen.probes.indexOf(503)
  if (firstNo >= 0 && seen.probes.indexOf(200, firstNo) >= 0) wrong.push(`ready again: ${seen.probes}`)
  return wrong
}

/** Each ran once, and ended as it does, or after its time. */
function ofHooks({ scenario, report, ran }: Observed): string[] {
  const wrong: string[] = []
  const names = scenario.hooks.map(({ name }) => name).sort()
  if ([...ran].sort().join() !== names.join()) wrong.push(`hooks ran: ${ran}, of ${names}`)
  for (const { name, does } of scenario.hooks) {
    const { outcome, duration = 0 } = report.hooks.find((hook) => hook.name === name) ?? {}
    const expected = { end: 'ok', fail: 'error', hang: 'timeout' }[does]
    const isLate = outcome === 'timeout' && duration >= hookTimeout - 1
    if (outcome !== expected && !isLate) wrong.push(`hook ${name} is said to be ${outcome}, and does ${does}`)
  }
  return wrong
}

/** In time, through every phase, with the exit code that the report gives. */
function ofTheEnd({ scenario, report, exit, told, worked }: Observed): string[] {
  const wrong: string[] = []
  const { requests, hooks, work, crashCount, phases, reason, outcome, exitCode } = report
  const haveFailed = hooks.some((hook) => hook.outcome !== 'ok')
  const isClean =
    scenario.ending !== 'crash' &&
    crashCount === 0 &&
    !haveFailed &&
    requests.cutCount + requests.leftCount === 0 &&
    work.cutCount + work.refused === 0
  if (outcome !== (isClean ? 'clean' : 'failed')) wrong.push(`outcome ${outcome}`)
  if (exitCode !== (isClean ? 0 : 1)) wrong.push(`exit code in the report ${exitCode}`)
  // `close()` leaves the exit to the app, and only tells it of hooks that failed.
  const code = scenario.ending === 'close()' ? Number(haveFailed) : exitCode
  if (exit.code !== code) wrong.push(`exit ${exit.code ?? exit.signal} instead of ${code}`)
  const expected = { crash: 'uncaughtException', 'shutdown()': 'shutdown', 'close()': 'close' } as const
  const type = expected[scenario.ending as keyof typeof expected] ?? 'signal'
  if (reason.type !== type) wrong.push(`reason ${reason.type}`)
  const names = phases.map(({ phase }) => phase).join()
  if (names !== 'lameDuck,draining,closing,closed') wrong.push(`phases ${names}`)
  if (work.completed !== worked || work.failed + work.cutCount + work.refused > 0)
    wrong.push(`work: ${JSON.stringify(work)}`)
  const took = exit.at - told
  if (took > report.deadline + room) wrong.push(`gone after ${Math.round(took)} ms`)
  return wrong
}
