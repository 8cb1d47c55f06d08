import { longest, namedAtMost, shorten, shown } from '../bounds.ts'
import { nameReason } from './reason.ts'
import type { CutRequest, ErrorReport, HookReport, Report, UnfinishedWork } from './report.ts'
import { spellCount } from './spell-count.ts'
import { spellTime } from './spell-time.ts'

// One sentence that says how a shutdown ended, and why. A reader who sees only this sentence should know what to
// change.

/** A report before its sentence is written. */
export type Unsummarized = Omit<Report, 'summary'>

/** How many hooks, routes or pieces of work the sentence names. */
const mostNames = 3

/** How many bytes all causes together may take, so that the sentence stays short. */
const mostOfCauses = 700

/** The words for each outcome, which stand before the time that the shutdown took. */
const outcomes: Readonly<Record<Report['outcome'], string>> = {
  clean: 'clean in',
  failed: 'failed in',
  deadline: 'cut off by its deadline after',
  abandoned: 'abandoned after'
}

/** How the process really ends, which is known only after the report. */
export interface ActualEnd {
  readonly exitCode: number
  /** Whether something else ends the process, before the shutdown is over. */
  readonly isEarly?: boolean
}

/** The outcome, the time, the reason, what went wrong or what was answered, and the exit code. */
export function summaryOf(report: Unsummarized, end: ActualEnd = { exitCode: report.exitCode }): string {
  const { outcome, duration, reason } = report
  const why = named(nameReason(reason), longest.name)
  const ended = end.isEarly ? 'interrupted after' : outcomes[outcome]
  const head = `shutdown ${ended} ${spellTime(duration)} (${why})`
  const said = outcome === 'clean' ? answersIn(report) : fitting(causesOf(report, end))
  const about = said === '' ? '' : `: ${said}`
  const late = lateIn(report)
  // `app.close()` does not end the process, so there is no exit code.
  const code = reason.type === 'close' ? '' : `; exit code ${end.exitCode}`
  return `${head}${about}${late}${code}`
}

/** The words about requests that came too late to be served, if there were any. */
function lateIn({ arrivals }: Unsummarized): string {
  return arrivals?.advice !== undefined && arrivals.afterDrain > 0 ? `; ${arrivals.advice}` : ''
}

function answersIn({ requests: { completed, rejected, aborted } }: Unsummarized): string {
  const counts: readonly [count: number, what: string][] = [
    [completed, 'finished'],
    [aborted, aborted === 1 ? 'client gone' : 'clients gone'],
    [rejected, 'answered 503']
  ]
  return counts
    .filter(([count]) => count > 0)
    .map(([count, what]) => `${count} ${what}`)
    .join(', ')
}

/** The causes. A cause that explains others comes before them. */
function causesOf(report: Unsummarized, { isEarly }: ActualEnd): string[] {
  const { outcome, reason, requests, work, crashes, crashCount, closeError } = report
  return [
    ...(isEarly ? ['something else ended the process'] : []),
    ...(outcome === 'abandoned' && !isEarly ? ['a second Ctrl-C came'] : []),
    ...('error' in reason ? [wordsOf(reason.error)] : []),
    ...hookCauses(report),
    ...requestCauses(requests.cut, requests.cutCount, 'cut'),
    ...requestCauses(requests.left, requests.leftCount, 'unfinished after the client had left'),
    ...workCauses(work.cut, work.cutCount),
    ...(work.refused > 0 ? [`work was refused after the drain${times(work.refused)}`] : []),
    ...crashCauses(crashes[0], crashCount),
    ...(closeError === undefined ? [] : [`Fastify's close failed: ${wordsOf(closeError)}`])
  ]
}

/**
 * The causes that are hooks. If the shutdown was cut off and no hook is the cause, the last phase is named.
 */
function hookCauses({ outcome, hooks, phases }: Unsummarized): string[] {
  const began = hooks.filter((hook) => hook.outcome !== 'ok' && hook.outcome !== 'unstarted')
  const unstarted = hooks.filter((hook) => hook.outcome === 'unstarted')
  const others = began.length - mostNames
  const isCutOff = outcome === 'deadline' || outcome === 'abandoned'
  const hasUnfinished = began.some((hook) => hook.outcome === 'unfinished')
  return [
    ...(isCutOff && !hasUnfinished ? [unfinishedPhase(phases)] : []),
    ...began.slice(0, mostNames).map(hookCause),
    ...(others > 0 ? [`${spellCount(others, 'more hook')} did not end well`] : []),
    ...(unstarted.length > 0 ? [`${listed(unstarted, 'hook')} did not start`] : [])
  ]
}

function hookCause({ name, outcome, duration, error }: HookReport): string {
  const hook = `hook ${quotedName(name)}`
  if (outcome === 'timeout') return `${hook} timed out after ${spellTime(duration)}`
  if (outcome === 'unfinished') return `${hook} was not done after ${spellTime(duration)}`
  return error === undefined ? `${hook} failed` : `${hook} failed: ${wordsOf(error)}`
}

function unfinishedPhase(phases: Report['phases']): string {
  const last = phases.at(-1)
  // All hooks are done at this point, so the `onClose` hook of a plugin hangs.
  if (last?.phase === 'closing') return "Fastify's close was not over"
  return last === undefined ? 'the boot was not over' : `the phase '${last.phase}' was not over`
}

/** Names each route once. The route of the oldest request comes first. */
function requestCauses(requests: readonly CutRequest[], count: number, what: string): string[] {
  if (count === 0) return []
  const routes = [...new Set(requests.map(({ method, route }) => named(`${method} ${route}`, longest.id)))]
  const isAll = routes.length <= mostNames && requests.length === count
  const names = [...routes.slice(0, mostNames), ...(isAll ? [] : ['others'])]
  return [`${spellCount(count, 'request')} ${what}: ${names.join(', ')}`]
}

function workCauses(work: readonly UnfinishedWork[], count: number): string[] {
  const [first] = work
  if (first === undefined) return []
  if (count === 1) return [`work ${quotedName(first.name)} timed out at the age of ${spellTime(first.age)}`]
  const names = [...new Set(work.map(({ name }) => name))]
  const others = names.length > mostNames || count > work.length ? ' and others' : ''
  return [`work timed out${times(count)}: ${names.slice(0, mostNames).map(quotedName).join(', ')}${others}`]
}

function crashCauses(first: ErrorReport | undefined, count: number): string[] {
  if (first === undefined) return []
  const what = count === 1 ? 'an error that nobody caught' : `${count} errors that nobody caught`
  return [`${what}: ${wordsOf(first)}`]
}

function listed(hooks: readonly HookReport[], noun: string): string {
  const names = hooks.slice(0, mostNames).map(({ name }) => quotedName(name))
  const others = hooks.length - names.length
  return `${noun}${hooks.length === 1 ? '' : 's'} ${names.join(', ')}${others > 0 ? ` and ${others} more` : ''}`
}

/** As many causes as there is room for, and the number of the others. */
function fitting(causes: readonly string[]): string {
  const kept: string[] = []
  let left = mostOfCauses
  for (const cause of causes) {
    left -= Buffer.byteLength(cause)
    if (left < 0 && kept.length > 0) break
    kept.push(cause)
  }
  const others = causes.length - kept.length
  return [...kept, ...(others > 0 ? [`${spellCount(others, 'more cause')}`] : [])].join('; ')
}

function wordsOf({ name, message }: ErrorReport): string {
  return named(name === 'NotAnError' ? message : `${name}: ${message}`, longest.name)
}

function quotedName(name: string): string {
  return `'${named(name, longest.id)}'`
}

/** Makes a text from outside fit into one line. */
function named(text: string, most: number): string {
  return shorten(
    shown(
      text
        .slice(0, most * namedAtMost)
        .replace(/\s+/g, ' ')
        .trim()
    ),
    most
  )
}

function times(count: number): string {
  return count === 1 ? '' : ` ${count} times`
}
