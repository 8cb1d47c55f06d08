import type { CutRequest, ErrorReport, HookReport, Report } from '../lib/report.ts'
import { milliseconds } from './milliseconds.ts'
import type { Canvas } from './options.ts'
import { columnsOf, oneLine, shorten } from './text.ts'
import { marks } from './timeline.ts'

/** Something that went wrong: what it happened to, and what happened. */
interface Problem {
  readonly mark: string
  /** The words around the name. */
  readonly before?: string
  readonly name: string
  readonly after?: string
  readonly error?: ErrorReport | undefined
}

/** So much of a name is shown, however long the words around it are. */
const shortestName = 8

/** One line for each hook and request that hung or failed, and for each error that nobody caught. */
export function problemLines(report: Report, canvas: Canvas): string[] {
  return problemsOf(report).map((problem) => line(problem, canvas))
}

function problemsOf(report: Report): readonly Problem[] {
  const { reason, hooks, requests, crashes, closeError } = report
  return [
    ...(reason.error === undefined ? [] : [failure(reason.type, reason.error)]),
    ...unfinishedPhase(report),
    ...hooks.filter(({ outcome }) => outcome !== 'ok').map(hookProblem),
    ...requests.cut.map(cutProblem),
    ...crashes.map((error) => failure('crash while shutting down', error)),
    ...(closeError === undefined ? [] : [failure('app.close()', closeError)])
  ]
}

function failure(name: string, error: ErrorReport): Problem {
  return { mark: marks.error, name, error }
}

/** Where the shutdown ended before its time, and no hook is to blame, the phase is what is known. */
function unfinishedPhase({ outcome, phases, hooks }: Report): readonly Problem[] {
  if (outcome !== 'deadline' && outcome !== 'abandoned') return []
  if (hooks.some((hook) => hook.outcome === 'unfinished')) return []
  const last = phases.at(-1)
  const name = last === undefined ? 'the boot' : `the phase '${last.phase}'`
  return [{ mark: marks.unfinished, name, after: ' was not over' }]
}

function hookProblem({ name, outcome, duration, error }: HookReport): Problem {
  const ms = `${milliseconds(duration)} ms`
  const hook = { mark: marks[outcome], before: "hook '", name }
  switch (outcome) {
    case 'timeout':
      return { ...hook, after: `' hung for ${ms} and was left behind` }
    case 'unfinished':
      return { ...hook, after: `' unfinished after ${ms}` }
    case 'unstarted':
      return { ...hook, after: "' never had its turn" }
    default:
      return { ...hook, after: `' failed after ${ms}`, error }
  }
}

function cutProblem({ id, method, route, age }: CutRequest): Problem {
  const known = id === null ? '' : ` (${id})`
  return {
    mark: marks.error,
    before: `${method} `,
    name: route,
    after: ` hung for ${milliseconds(age)} ms and was cut${known}`
  }
}

/** Shortens the name, so that what happened to it fits, and a third of the line is left for the error. */
function line(problem: Problem, { width, paint }: Canvas): string {
  const { mark, before = '', name, after = '', error } = problem
  const room = width - columnsOf(`${mark} `)
  const said = error === undefined ? '' : oneLine(`: ${wordsOf(error)}`)
  const reserved = columnsOf(before + after) + Math.min(columnsOf(said), Math.floor(room / 3))
  const shortName = shorten(oneLine(name), Math.max(shortestName, room - reserved))
  return `${paint('bad', mark)} ${shorten(oneLine(before + shortName + after + said), room)}`
}

function wordsOf({ name, message }: ErrorReport): string {
  return name === 'NotAnError' ? message : `${name}: ${message}`
}
