import type { Observation } from '../scenarios/observe.ts'
import type { Standing } from '../scenarios/ranking.ts'
import type { Scenario } from '../scenarios/scenario.ts'
import { titleOf } from '../subjects.ts'

/** A table in Markdown. */
export function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`
  return [line(head), `|${'---|'.repeat(head.length)}`, ...rows.map(line)].join('\n')
}

/** The name of a subject as a table shows it. */
export function nameOf({ subject }: Standing): string {
  return titleOf(subject)
}

/** From the signal to the exit: the median, and how far the runs were apart. */
export function timeOf({ ms, runs }: Standing): string {
  const hung = runs.filter((run) => run.ms === null).length
  if (hung === runs.length) return 'HUNG'
  if (hung > 0) return `HUNG ${hung} of ${runs.length} times, else ${rounded(ms.least)}`
  const [median, least, most] = [ms.median, ms.least, ms.most].map(rounded)
  return least === most ? `${median}` : `${median} (${least}–${most})`
}

/** The exit codes, or the signal by which it died. */
export function exitOf({ runs }: Standing): string {
  const ends = runs.flatMap(({ ms, code, signal }) => (ms === null ? [] : [String(code ?? signal)]))
  return [...new Set(ends)].sort().join(', ') || '–'
}

/** How many of the shutdown hooks began. */
export function hooksOf({ runs }: Standing): string {
  return between(runs.map(({ hooks }) => hooks))
}

/** What clients saw, in each run. */
export function seenBy({ runs }: Standing): string {
  const kinds = [...new Set(runs.flatMap(({ seen }) => Object.keys(seen)))].sort()
  const cell = (kind: string) => {
    const often = between(runs.map(({ seen }: Observation) => seen[kind] ?? 0))
    return often === '1' ? kind : `${often} × ${kind}`
  }
  const text = kinds.map(cell).join(', ') || '–'
  return runs.some(({ disturbed }) => disturbed) ? `${text} (disturbed)` : text
}

/** What is wrong, in words; empty where nothing is. */
export function wordsFor({ wrongly = 'clients lost something' }: Scenario, { faults }: Standing): string {
  return [
    faults.wrong > 0 && wrongly,
    faults.hung > 0 && 'never ended',
    faults.hooks > 0 && 'hook not run',
    faults.exit > 0 && 'wrong exit code',
    faults.untold > 0 && 'clients not notified'
  ]
    .filter((words) => words !== false)
    .join(', ')
}

function between(counts: readonly number[]): string {
  const [least, most] = [Math.min(...counts), Math.max(...counts)]
  return least === most ? grouped(least) : `${grouped(least)}–${grouped(most)}`
}

function rounded(ms: number): string {
  return grouped(Math.round(ms))
}

/** 1 500, as the page writes large numbers. */
function grouped(number: number): string {
  return String(number).replace(/\B(?=(\d{3})+$)/g, ' ')
}
