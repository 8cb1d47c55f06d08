import type { Facts } from './facts.ts'
import type { Verdict } from './thread.ts'

/** One call on the main thread's stack; line and column count from 1. */
export interface Frame {
  readonly function: string
  readonly file: string
  readonly line: number
  readonly column: number
}

/** The last line of a process that is killed, in the shape of the app's own log lines. */
export interface KillLine extends Partial<Omit<Facts, 'at' | 'bindings'>> {
  readonly level: 60
  readonly time: number
  readonly pid: number
  readonly hostname: string
  readonly code: Verdict['code']
  readonly blockedFor: number
  readonly stack: readonly Frame[]
  readonly msg: string
}

/** Runs in the thread: see `source.ts` for what that forbids. */
export function killLine(
  { code, at: now, blockedFor }: Verdict,
  facts: Partial<Facts>,
  stack: readonly Frame[],
  process: { readonly pid: number; readonly hostname: string; readonly time: number }
): KillLine {
  const { at = now, bindings = {}, phase, hooks = [], requests = [], inFlight, work = [] } = facts
  const grown = <T extends { readonly age: number }>(aged: T) => ({
    ...aged,
    age: Math.round(aged.age + now - at)
  })
  const own = stack.find(({ file }) => !file.startsWith('node:')) ?? stack[0]
  const where = own === undefined ? '' : `, in ${own.function} (${own.file}:${own.line}:${own.column})`
  const why = code === 'LIFECYCLE_STALL' ? 'the event loop stalled' : 'the deadline has passed'
  return {
    level: 60,
    ...{ time: process.time, pid: process.pid, hostname: process.hostname },
    ...bindings,
    code,
    ...(phase !== undefined && { phase }),
    hooks: hooks.map(grown),
    requests: requests.map(grown),
    ...(inFlight !== undefined && { inFlight }),
    work: work.map(grown),
    blockedFor: Math.round(blockedFor),
    stack,
    msg: `killed because ${why}: no turn of the event loop for ${Math.round(blockedFor)} ms${where}`
  }
}
