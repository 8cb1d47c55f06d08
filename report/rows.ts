import { namedAtMost } from '../lib/bounds.ts'
import type { HookReport, PhaseReport, Report } from '../lib/report/report.ts'
import type { Tone } from './line.ts'
import { marks } from './marks.ts'
import { milliseconds } from './milliseconds.ts'
import { columnsOf, oneLine } from './text.ts'

/** One row of the timeline: a phase, or a hook. */
export interface Row {
  readonly phase: string
  /** The text before the name: the indentation, and the mark of how the hook ended. */
  readonly mark: string
  readonly name: string
  readonly nameTone: Tone
  readonly tone: Tone
  readonly shape: 'phase' | 'hook' | 'broken hook'
  readonly at: number
  /** `undefined` if the phase or the hook never began. Then there is no bar. */
  readonly duration: number | undefined
  /** The names of the hooks that this hook waited for, as many as are shown. */
  readonly waitedFor: readonly string[]
  /** The whole row in words. */
  readonly full: string
}

/** How many columns each part of a row has. */
export interface Columns {
  readonly label: number
  readonly time: number
  readonly bar: number
}

/**
 * A row for each phase, also for a phase that was never reached. Below each phase are its hooks, in the order
 * in which they began.
 */
export function rowsOf({ phases, hooks }: Report): Row[] {
  const reached = new Set<string>(phases.map(({ phase }) => phase))
  const missed = new Set(hooks.map(({ phase }) => phase).filter((phase) => !reached.has(phase)))
  const all = [...phases, ...[...missed].map((phase) => ({ phase, at: 0, duration: undefined }))]
  const hooksOf = byPhase(hooks)
  return all.flatMap((phase) => [phaseRow(phase), ...(hooksOf.get(phase.phase) ?? []).map(hookRow)])
}

/** The time that the rows span, in ms. */
export function spanOf({ duration }: Report, rows: readonly Row[]): number {
  return largest([duration, ...rows.map((row) => row.at + (row.duration ?? 0))])
}

/** Names get the columns that they need, up to a third of the width. The rest is for the bars. */
export function columnsFor(rows: readonly Row[], width: number): Columns {
  const longest = largest(rows.map(({ mark, name }) => mark.length + columnsOf(name)))
  const label = Math.min(longest, Math.floor(width / 3))
  const time = largest([2, ...rows.map((row) => timeOf(row).length)])
  return { label, time, bar: width - label - time - 3 }
}

/** The text in the column of the durations. */
export function timeOf({ duration }: Row): string {
  return duration === undefined ? '' : milliseconds(duration)
}

function byPhase(hooks: readonly HookReport[]): ReadonlyMap<string, readonly HookReport[]> {
  const phases = new Map<string, HookReport[]>()
  for (const hook of [...hooks].sort((one, other) => one.at - other.at)) {
    const those = phases.get(hook.phase)
    if (those === undefined) phases.set(hook.phase, [hook])
    else those.push(hook)
  }
  return phases
}

/** The largest number. A spread into `Math.max` would fail for a very long list. */
function largest(numbers: readonly number[]): number {
  return numbers.reduce((one, other) => Math.max(one, other), Number.NEGATIVE_INFINITY)
}

function phaseRow({ phase, at, duration }: Omit<PhaseReport, 'duration'> & Pick<Row, 'duration'>): Row {
  const name = oneLine(phase)
  const full = duration === undefined ? `${name}: never reached` : `${name}: ${span(at, duration)}`
  const tones = { nameTone: 'title', tone: 'phase' } as const
  return { phase, mark: '', name, ...tones, shape: 'phase', at, duration, waitedFor: [], full }
}

function hookRow(hook: HookReport): Row {
  const { outcome, at } = hook
  const name = oneLine(hook.name)
  const waitedFor = hook.waitedFor.slice(0, namedAtMost).map(oneLine)
  const isOk = outcome === 'ok'
  const duration = outcome === 'unstarted' ? undefined : hook.duration
  const ran = duration === undefined ? '' : `, ${span(at, duration)}`
  const waited = waitedFor.length === 0 ? '' : `, waited for ${waitedFor.join(', ')}`
  return {
    phase: hook.phase,
    mark: `  ${marks[outcome]} `,
    name,
    nameTone: isOk ? 'plain' : 'bad',
    tone: isOk ? 'good' : 'bad',
    shape: isOk ? 'hook' : 'broken hook',
    at,
    duration,
    waitedFor,
    full: `${name}: ${outcome}${ran}${waited}`
  }
}

function span(at: number, duration: number): string {
  return `${milliseconds(duration)} ms, begun at ${milliseconds(at)} ms`
}
