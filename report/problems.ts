import { quoted } from '../lib/bounds.ts'
import type { CutRequest, ErrorReport, HookReport, Report, UnfinishedWork } from '../lib/report/report.ts'
import type { Line } from './line.ts'
import { despiteMark, marks } from './marks.ts'
import { milliseconds } from './milliseconds.ts'
import { quantity } from './quantity.ts'
import { atMost, columnsOf, oneLine, shorten } from './text.ts'

/** A problem: the name of the affected part, and what happened to it. */
interface Problem {
  readonly mark: string
  /** The words around the name. */
  readonly before?: string
  readonly name: string
  readonly after?: string
  readonly error?: ErrorReport | undefined
}

/** How many columns of a name are always shown, however long the words around it are. */
const shortestName = 8

/** One line for each part that hung, failed or never began, and for each error that nobody caught. */
export function problemLines(report: Report, width: number): Line[] {
  return problemsOf(report).map((problem) => line(problem, width))
}

function problemsOf(report: Report): readonly Problem[] {
  const { reason, hooks, requests, work, crashes, crashCount, closeError } = report
  return [
    ...('error' in reason ? [failure(reason.type, reason.error)] : []),
    ...unfinishedPhase(report),
    ...hooks.flatMap(hookProblems),
    ...requests.cut.map(cutRequest),
    ...others(requests.cutCount - requests.cut.length, 'request', 'requests', ' cut'),
    ...requests.left.map(leftRequest),
    ...others(requests.leftCount - requests.left.length, 'request', 'requests', ' left'),
    ...work.cut.map(cutWork),
    ...others(work.cutCount - work.cut.length, 'piece of work', 'pieces of work', ' timed out'),
    ...(work.refused > 0 ? [refusedWork(work.refused)] : []),
    ...crashes.map((error) => failure('crash while shutting down', error)),
    ...others(crashCount - crashes.length, 'crash', 'crashes', ' while shutting down'),
    ...(closeError === undefined ? [] : [failure('app.close()', closeError)])
  ]
}

/** A line for the problems that the report only counts. */
function others(count: number, one: string, many: string, after: string): readonly Problem[] {
  const name = quantity(count, `more ${one}`, `more ${many}`)
  return count > 0 ? [{ mark: marks.error, name, after }] : []
}

function failure(name: string, error: ErrorReport): Problem {
  return { mark: marks.error, name, error }
}

/** If the shutdown ended early and no hook is the cause, this names the phase in which it ended. */
function unfinishedPhase({ outcome, phases, hooks }: Report): readonly Problem[] {
  if (outcome !== 'deadline' && outcome !== 'abandoned') return []
  if (hooks.some((hook) => hook.outcome === 'unfinished')) return []
  const last = phases.at(-1)
  const name = last === undefined ? 'the boot' : `the phase '${last.phase}'`
  return [{ mark: marks.unfinished, name, after: ' was not over' }]
}

/** The problems of one hook. A hook that ran although another had failed may itself have ended well. */
function hookProblems(hook: HookReport): readonly Problem[] {
  const { name, outcome, despite } = hook
  const after = `' ran although ${quoted(despite)} had not ended well`
  return [
    ...(outcome === 'ok' ? [] : [hookProblem(hook)]),
    ...(despite.length === 0 ? [] : [{ mark: despiteMark, before: "hook '", name, after }])
  ]
}

function hookProblem({ name, outcome, duration, waitedFor, error }: HookReport): Problem {
  const ms = `${milliseconds(duration)} ms`
  const hook = { mark: marks[outcome], before: "hook '", name }
  switch (outcome) {
    case 'timeout':
      return { ...hook, after: `' timed out after ${ms}` }
    case 'unfinished':
      return { ...hook, after: `' unfinished after ${ms}` }
    case 'unstarted':
      return {
        ...hook,
        after: `' never had its turn${waitedFor.length === 0 ? '' : ` after ${quoted(waitedFor)}`}`
      }
    default:
      return { ...hook, after: `' failed after ${ms}`, error }
  }
}

function cutRequest({ id, method, route, age }: CutRequest): Problem {
  const known = id === null ? '' : ` (${id})`
  const after = ` cut after ${milliseconds(age)} ms${known}`
  return { mark: marks.error, before: `${method} `, name: route, after }
}

function leftRequest({ method, route, age }: CutRequest): Problem {
  const after = `: its client had gone, and its handler was not done after ${milliseconds(age)} ms`
  return { mark: marks.error, before: `${method} `, name: route, after }
}

function refusedWork(count: number): Problem {
  const name = quantity(count, 'piece of work', 'pieces of work')
  return { mark: marks.error, name, after: ' refused: the drain was over' }
}

function cutWork({ name, age }: UnfinishedWork): Problem {
  const after = `' timed out at the age of ${milliseconds(age)} ms`
  return { mark: marks.error, before: "work '", name, after }
}

/** Shortens the name, so that what happened to it fits, and a third of the line is left for the error. */
function line(problem: Problem, width: number): Line {
  const { mark, name, error } = problem
  const [before, after] = [atMost(problem.before ?? ''), atMost(problem.after ?? '')]
  const room = width - columnsOf(`${mark} `)
  const said = error === undefined ? '' : oneLine(`: ${wordsOf(error)}`)
  const reserved = columnsOf(before + after) + Math.min(columnsOf(said), Math.floor(room / 3))
  const full = oneLine(before + oneLine(name) + after + said)
  const shortName = shorten(oneLine(name), Math.max(shortestName, room - reserved))
  const text = ` ${shorten(oneLine(before + shortName + after + said), room)}`
  return {
    indent: 0,
    pieces: [
      { tone: 'bad', text: mark },
      { tone: 'plain', text }
    ],
    full: `${mark} ${full}`
  }
}

function wordsOf({ name, message }: ErrorReport): string {
  return name === 'NotAnError' ? message : `${name}: ${message}`
}
