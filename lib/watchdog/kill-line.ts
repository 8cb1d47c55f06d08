import { bytesOfJSON, longest, namedAtMost, shorten } from '../bounds.ts'
import type { ExitFacts, Facts, Verdict } from './facts.ts'

/** How many bytes the stack may take. */
const mostOfStack = 6_000

/** One call on the main thread's stack; line and column count from 1. */
export interface Frame {
  readonly function: string
  readonly file: string
  readonly line: number
  readonly column: number
}

/** The last line of a process that is killed, in the shape of the app's own log lines. */
export interface KillLine extends Partial<Omit<Facts, 'at' | 'bindings' | 'terminationLog'>> {
  readonly level: 50 | 60
  readonly time: number
  readonly pid: number
  readonly hostname: string
  readonly code: Verdict['code']
  readonly blockedFor: number
  readonly stack: readonly Frame[]
  readonly msg: string
}

/** Builds the line that is written before the process is killed, or replaced. */
export function killLine(
  verdict: Verdict,
  facts: Partial<Facts>,
  stack: readonly Frame[],
  process: { readonly pid: number; readonly hostname: string; readonly time: number }
): KillLine {
  const { code, at: now, blockedFor } = verdict
  const { at = now, bindings = {}, phase, hooks = [], requests = [], work = [], exit } = facts
  const { hookCount, inFlight, workCount } = facts
  const grown = <T extends { readonly age: number }>(aged: T) => ({
    ...aged,
    age: Math.round(aged.age + now - at)
  })
  return {
    // A process that is replaced still ends with the right exit code, so the level of the line is not fatal.
    level: code === 'LIFECYCLE_EXIT_HELD' ? 50 : 60,
    ...{ time: process.time, pid: process.pid, hostname: process.hostname },
    ...bindings,
    code,
    ...(phase !== undefined && { phase }),
    hooks: hooks.map(grown),
    ...(hookCount !== undefined && { hookCount }),
    requests: requests.map(grown),
    ...(inFlight !== undefined && { inFlight }),
    work: work.map(grown),
    ...(workCount !== undefined && { workCount }),
    ...(exit !== undefined && { exit }),
    blockedFor: Math.round(blockedFor),
    stack: fitting(stack),
    msg: shorten(messageOf(verdict, facts, whereIn(stack)), longest.line)
  }
}

function messageOf({ code, blockedFor }: Verdict, facts: Partial<Facts>, where: string): string {
  const { exit } = facts
  if (exit !== undefined && code === 'LIFECYCLE_EXIT_HELD') {
    return `the exit was held by ${holders(exit)}: the process was replaced by one that exits with code ${exit.code}`
  }
  const why = code === 'LIFECYCLE_STALL' ? 'the event loop stalled' : 'the deadline has passed'
  if (exit === undefined) {
    return `killed because ${why}: no turn of the event loop for ${Math.round(blockedFor)} ms${where}${unfinishedIn(facts)}`
  }
  return `killed because ${why}: the exit with code ${exit.code} was held by ${holders(exit)}${where}`
}

/** How many hooks the message names. */
const mostNames = 3

/**
 * The part of the message about unfinished work: the hooks that ran, or else the phase, and the requests in
 * flight.
 */
function unfinishedIn({ phase, hooks = [], hookCount = hooks.length, inFlight = 0 }: Partial<Facts>): string {
  const names = hooks.slice(0, mostNames).map(({ name }) => `'${name}'`)
  const others = hookCount - names.length
  const more = others > 0 ? ` and ${others} more` : ''
  return [
    ...(hookCount === 1 ? [`hook ${names[0]} was not done`] : []),
    ...(hookCount > 1 ? [`hooks ${names.join(', ')}${more} were not done`] : []),
    ...(hookCount === 0 && phase !== undefined ? [`phase '${phase}'`] : []),
    ...(inFlight > 0 ? [`${inFlight} request${inFlight === 1 ? '' : 's'} in flight`] : [])
  ]
    .map((part) => `; ${part}`)
    .join('')
}

function holders({ listener, heldBy = [] }: ExitFacts): string {
  if (listener !== undefined) return `the 'exit' listener '${listener}'`
  return heldBy.length === 0 ? 'Node.js itself' : heldBy.join(' and ')
}

/** Keeps as many calls as there is room for, the innermost first. */
function fitting(stack: readonly Frame[]): Frame[] {
  const short = stack.slice(0, namedAtMost).map((frame) => ({
    ...frame,
    function: shorten(frame.function, longest.name),
    file: shorten(frame.file, longest.detail)
  }))
  while (bytesOfJSON(short) > mostOfStack) short.pop()
  return short
}

/** The innermost call that is not in code of Node.js, in words. */
function whereIn(stack: readonly Frame[]): string {
  const own = stack.find(({ file }) => !file.startsWith('node:')) ?? stack[0]
  return own === undefined ? '' : `, in ${own.function} (${own.file}:${own.line}:${own.column})`
}
