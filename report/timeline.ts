import type { HookOutcome, HookReport, PhaseReport, Report } from '../lib/report.ts'
import { Axis, type Brush } from './axis.ts'
import { milliseconds } from './milliseconds.ts'
import type { Canvas } from './options.ts'
import type { Tone } from './paint.ts'
import { columnsOf, oneLine, pad, shorten } from './text.ts'

/** One line of the timeline: a phase, or a hook. */
interface Row {
  readonly mark: string
  readonly name: string
  readonly nameTone: Tone
  readonly tone: Tone
  readonly brush: Brush
  readonly at: number
  readonly duration: number
}

/** How many columns each part of a line has. */
interface Columns {
  readonly label: number
  readonly time: number
  readonly bar: number
}

const phaseBrush: Brush = { whole: '█', left: '▌', right: '▐' }
const hookBrush: Brush = { whole: '━', left: '╸', right: '╺' }
/** Told from the other without colour, too. */
const brokenBrush: Brush = { ...hookBrush, whole: '╍' }

/** One character says how a hook ended. */
export const marks: Readonly<Record<HookOutcome, string>> = {
  ok: '✓',
  error: '✗',
  timeout: '!',
  unfinished: '»',
  unstarted: '·'
}

/** One bar a phase, and below it one a hook, on a common axis. */
export function timeline(report: Report, canvas: Canvas): string[] {
  const rows = report.phases.flatMap((phase) => [
    phaseRow(phase),
    ...report.hooks.filter((hook) => hook.phase === phase.phase).map(hookRow)
  ])
  if (rows.length === 0) return []

  const columns = columnsFor(rows, canvas.width)
  const axis = new Axis(
    Math.max(report.duration, ...rows.map(({ at, duration }) => at + duration)),
    columns.bar
  )
  const head = `${' '.repeat(columns.label)} ${'ms'.padStart(columns.time)}  ${axis.ticks()}`
  return [canvas.paint('quiet', head), ...rows.map((row) => line(row, columns, axis, canvas))]
}

function phaseRow({ phase, at, duration }: PhaseReport): Row {
  return { mark: '', name: phase, nameTone: 'title', tone: 'phase', brush: phaseBrush, at, duration }
}

function hookRow({ name, outcome, at, duration }: HookReport): Row {
  const isOk = outcome === 'ok'
  return {
    mark: `  ${marks[outcome]} `,
    name: oneLine(name),
    nameTone: isOk ? 'plain' : 'bad',
    tone: isOk ? 'good' : 'bad',
    brush: isOk ? hookBrush : brokenBrush,
    at,
    duration
  }
}

/** Names get what they need, up to a third of the width: the picture is in the bars. */
function columnsFor(rows: readonly Row[], width: number): Columns {
  const longest = Math.max(...rows.map(({ mark, name }) => mark.length + columnsOf(name)))
  const label = Math.min(longest, Math.floor(width / 3))
  const time = Math.max(2, ...rows.map(({ duration }) => milliseconds(duration).length))
  return { label, time, bar: width - label - time - 3 }
}

function line(row: Row, columns: Columns, axis: Axis, { paint }: Canvas): string {
  const room = columns.label - row.mark.length
  const { blanks, bar } = axis.bar(row.at, row.duration, row.brush)
  const label = paint(row.tone, row.mark) + paint(row.nameTone, pad(shorten(row.name, room), room))
  return `${label} ${milliseconds(row.duration).padStart(columns.time)}  ${blanks}${paint(row.tone, bar)}`
}
