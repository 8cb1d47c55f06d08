import { type Standing, verdictOf } from '../scenarios/ranking.ts'
import type { Scenario } from '../scenarios/scenario.ts'
import { ours, subjects, titleOf } from '../subjects.ts'
import { svgOf } from './chart.ts'
import { colour } from './palette.ts'
import type { Row } from './rows.ts'
import type { Picture } from './section.ts'

/** Every scenario with every subject, at a glance. */
export function matrix(rows: readonly Row[]): Picture {
  const names = subjects.map(({ name }) => name)
  const cells = rows.flatMap(({ scenario, standings }, row) =>
    standings.map((standing) => ({
      value: [names.indexOf(standing.subject), row, verdicts.indexOf(verdictOf(standing.faults))],
      label: { ...fitting(shortly(scenario, standing)), color: colour(verdictOf(standing.faults)) }
    }))
  )
  const height = 210 + rows.length * rowHeight
  const svg = svgOf(
    {
      grid: { left: 420, right: 12, top: 150, bottom: 60 },
      xAxis: {
        type: 'category',
        position: 'top',
        data: names.map((name) => titleOf(name).replaceAll('`', '')),
        axisLabel: { rotate: 40, interval: 0, color: (_title: string, index: number) => inkOf(names[index]) },
        axisTick: { show: false },
        axisLine: { show: false }
      },
      yAxis: {
        type: 'category',
        inverse: true,
        data: rows.map(({ scenario }) => scenario.title.replaceAll('`', '')),
        axisLabel: { interval: 0, color: colour('ink') },
        axisTick: { show: false },
        axisLine: { show: false }
      },
      visualMap: {
        type: 'piecewise',
        orient: 'horizontal',
        left: 'center',
        bottom: 12,
        itemGap: 40,
        ...{ backgroundColor: colour('paper'), borderColor: colour('paper'), contentColor: colour('paper') },
        textStyle: { color: colour('ink') },
        pieces: verdicts.map((verdict, value) => ({
          value,
          label: meanings[verdict],
          color: colour(`${verdict}Fill`)
        }))
      },
      series: [
        {
          type: 'heatmap',
          data: cells,
          label: { show: true, fontSize: 11 },
          itemStyle: { borderColor: colour('paper'), borderWidth: 2 }
        }
      ]
    },
    {
      width: 1_270,
      height,
      label: 'Each scenario with each way to shut down: what went wrong, or the ms to the exit'
    }
  )
  return { file: 'comparison-matrix.svg', svg }
}

const rowHeight = 26

const verdicts = ['good', 'fair', 'bad'] as const

const meanings: Readonly<Record<(typeof verdicts)[number], string>> = {
  good: 'as it should: ms from the signal to the exit',
  fair: 'wrong exit code, or no sign to a client',
  bad: 'something lost, no hook, or no end'
}

/** Words that are too long for a cell stand in two lines. */
function fitting(words: string): { formatter: string; fontSize: number; lineHeight: number } {
  const fits = words.length <= 9
  return { formatter: fits ? words : words.replace(' ', '\n'), fontSize: fits ? 11 : 9, lineHeight: 10 }
}

function inkOf(name: string | undefined): string {
  return colour(name === ours ? 'ours' : 'ink')
}

/** The worst of what is wrong; where nothing is, how long it took. */
function shortly({ wrongly = 'loses' }: Scenario, { faults, ms }: Standing): string {
  if (faults.wrong > 0) return wrongly
  if (faults.hung > 0) return 'hangs'
  if (faults.hooks > 0) return 'no hook'
  if (faults.exit > 0) return 'exit code'
  if (faults.untold > 0) return 'untold'
  return `${Math.round(ms.median)}`
}
