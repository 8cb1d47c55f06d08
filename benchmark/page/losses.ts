import type { Outcome } from '../rolling/roll.ts'
import { failuresOf } from '../rolling/tally.ts'
import { subjects, titleOf } from '../subjects.ts'
import { svgOf } from './chart.ts'
import { colour } from './palette.ts'
import type { Picture } from './section.ts'

const waits = { none: 'without a wait', set: 'with the wait' } as const

/** What each subject lost behind HAProxy, as everyone is rolled there, of 10,000 requests. */
export function losses(outcomes: readonly Outcome[]): Picture {
  const lossOf = (name: string, waited: Outcome['wait']) => {
    const outcome = outcomes.find(
      ({ subject, front, backends, wait }) =>
        subject === name &&
        front.kind === 'haproxy' &&
        front.retries === 3 &&
        backends === 2 &&
        wait === waited
    )
    if (outcome === undefined) return undefined
    return Math.round((failuresOf(outcome.tally) / outcome.tally.sent) * 10_000)
  }
  const shown = subjects.filter(({ name }) => lossOf(name, 'none') !== undefined)
  const svg = svgOf(
    {
      legend: { top: 8, left: 'center', itemGap: 24 },
      grid: { left: 210, right: 56, top: 48, bottom: 32 },
      xAxis: { type: 'value', minInterval: 1 },
      yAxis: {
        type: 'category',
        inverse: true,
        data: shown.map(({ name }) => titleOf(name).replaceAll('`', '')),
        axisLabel: { color: colour('ink') },
        axisTick: { show: false }
      },
      series: (['none', 'set'] as const).map((wait) => ({
        name: waits[wait],
        type: 'bar',
        color: colour(wait === 'none' ? 'badFill' : 'goodFill'),
        label: { show: true, position: 'right', color: colour('ink') },
        // Those that cannot wait have no bar and no number there.
        data: shown.map(({ name }) => {
          const value = lossOf(name, wait)
          return { value: value ?? 0, label: { show: value !== undefined } }
        })
      }))
    },
    {
      width: 900,
      height: 80 + shown.length * 34,
      label: 'What each lost of 10,000 requests, behind HAProxy, with and without a wait'
    }
  )
  return { file: 'comparison-losses.svg', svg }
}
