import { type Verdict, verdictOf } from '../scenarios/ranking.ts'
import { subjects, titleOf } from '../subjects.ts'
import { svgOf } from './chart.ts'
import { colour } from './palette.ts'
import type { Row } from './rows.ts'
import type { Picture } from './section.ts'

/** What a verdict means, in the head of a column. */
export const meanings: Readonly<Record<Verdict, string>> = {
  good: 'nothing wrong',
  fair: 'wrong exit code, or a client not notified',
  bad: 'something lost, a hook not run, or no exit'
}

/** How many scenarios each subject goes through in which way. */
export function tallies(rows: readonly Row[]): Picture {
  const counted = subjects.map(({ name }) => ({ name, counts: countsOf(rows, name) }))
  const ordered = counted.sort(
    (one, other) => other.counts.good - one.counts.good || one.counts.bad - other.counts.bad
  )
  const svg = svgOf(
    {
      legend: { top: 8, left: 'center', itemGap: 60 },
      grid: { left: 210, right: 24, top: 48, bottom: 32 },
      xAxis: { type: 'value', max: rows.length, interval: 5, axisLabel: { showMaxLabel: false } },
      yAxis: {
        type: 'category',
        inverse: true,
        data: ordered.map(({ name }) => titleOf(name).replaceAll('`', '')),
        axisLabel: { color: colour('ink') },
        axisTick: { show: false }
      },
      series: (['good', 'fair', 'bad'] as const).map((verdict) => ({
        name: meanings[verdict],
        type: 'bar',
        stack: 'all',
        color: colour(`${verdict}Fill`),
        label: { show: true, color: colour(verdict) },
        // A label of nothing would stand on its neighbour's.
        data: ordered.map(({ counts }) => ({
          value: counts[verdict],
          label: { show: counts[verdict] > 0 }
        }))
      }))
    },
    {
      width: 900,
      height: 80 + subjects.length * 26,
      label: 'How many scenarios each way to shut down passes'
    }
  )
  return { file: 'comparison-tallies.svg', svg }
}

/** In how many scenarios a subject gets which verdict. */
export function countsOf(rows: readonly Row[], name: string): Record<Verdict, number> {
  const counts = { good: 0, fair: 0, bad: 0 }
  for (const { standings } of rows) {
    const standing = standings.find(({ subject }) => subject === name)
    if (standing !== undefined) counts[verdictOf(standing.faults)]++
  }
  return counts
}
