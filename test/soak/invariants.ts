import type { Observed } from './run.ts'
import { drainTimeout, hookTimeout } from './scenario.ts'

/** For how long beyond the deadline a process on a busy machine may be there, in ms. */
const room = 2_000

/** What holds of every run, whatever the scenario. Says what does not. */
export function violations(observed: Observed): string[] {
  return [...ofRequests(observed), ...ofHooks(observed), ...ofTheEnd(observed)]
}

/** Nothing is lost but what took too long, and the report accounts for what clients saw. */
function ofRequests({ seen, report, finishedBefore }: Observed): string[] {
  const { completed, rejected, aborted, cut } = report.requests
  const wrong: string[] = []
  if (seen.lost.length !== cut.length) {
    wrong.push(`clients lost ${seen.lost.length}, cut ${cut.length}: ${[...new Set(seen.lost)].join('; ')}`)
  }
  for (const { route, age } of cut) {
    if (age < drainTimeout) wrong.push(`${route} was cut after ${age} ms`)
  }
  const answered = seen.answered + seen.probes.length - finishedBefore
  if (completed !== answered) wrong.push(`completed ${completed}, clients saw ${answered}`)
  if (rejected !== seen.rejected) wrong.push(`rejected ${rejected}, clients saw ${seen.rejected}`)
  if (aborted !== 0) wrong.push(`aborted ${aborted}, no client went away`)
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
function ofTheEnd({ scenario, report, exit, told }: Observed): string[] {
  const wrong: string[] = []
  const { requests, hooks, work, crashes, phases, reason, outcome, exitCode } = report
  const haveFailed = hooks.some((hook) => hook.outcome !== 'ok')
  const isClean =
    scenario.ending !== 'crash' &&
    crashes.length === 0 &&
    !haveFailed &&
    requests.cut.length === 0 &&
    work.cut.length === 0
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
  const { completed, failed, cut, inFlight } = work
  if (completed + failed + cut.length !== inFlight) wrong.push(`work: ${JSON.stringify(work)}`)
  const took = exit.at - told
  if (took > report.deadline + room) wrong.push(`gone after ${Math.round(took)} ms`)
  return wrong
}
