import { type LoadKind, loads, type ShutdownCost } from '../../cost/shutdown.ts'
import { ours } from '../../subjects.ts'
import { svgOf } from '../chart.ts'
import { colour } from '../palette.ts'
import type { Picture } from '../section.ts'
import { cellOf, connectionsOf, exitsOf, namesOf } from './exits.ts'

const titles: Record<LoadKind, string> = {
  idle: 'ms until the exit, every connection idle',
  inFlight: 'ms until the exit, a tenth in flight'
}

/** Exit time over the number of connections, both on logarithmic axes: what grows linearly is a straight line. */
export function growthPicture(shutdown: ShutdownCost): Picture {
  const option = {
    grid: loads.map((_load, index) => ({ left: index * 400 + 60, top: 40, width: 310, height: 250 })),
    xAxis: loads.map((_load, gridIndex) => ({
      type: 'log',
      gridIndex,
      min: 100,
      max: 20_000,
      axisLabel: { showMaxLabel: false },
      name: 'connections',
      nameLocation: 'middle',
      nameGap: 26
    })),
    yAxis: loads.map((load, gridIndex) => ({
      type: 'log',
      gridIndex,
      min: 10,
      name: titles[load],
      nameTextStyle: { align: 'left' }
    })),
    series: loads.flatMap((load, index) => seriesOf(shutdown, load, index))
  }
  const label =
    'Milliseconds from the signal to the exit over the number of connections, ours beside the others'
  return {
    file: 'comparison-shutdown-cost.svg',
    svg: svgOf(option, { width: 800, height: 350, label })
  }
}

/** Ours last, so that it is drawn above the others. */
function seriesOf(shutdown: ShutdownCost, load: LoadKind, index: number): object[] {
  const names = namesOf(shutdown, load).sort((one, other) => Number(one === ours) - Number(other === ours))
  return names.map((name) => {
    const own = name === ours
    const points = pointsOf(shutdown, load, name)
    const label = {
      show: own,
      formatter: 'ours',
      position: 'top',
      align: 'left',
      color: colour('ours'),
      fontWeight: 'bold'
    }
    return {
      type: 'line',
      xAxisIndex: index,
      yAxisIndex: index,
      data: points.map((value, nth) => (nth === 0 ? { value, label } : value)),
      symbol: own ? 'circle' : 'none',
      symbolSize: 5,
      lineStyle: { color: colour(own ? 'ours' : 'other'), width: own ? 3 : 1 },
      itemStyle: { color: colour(own ? 'ours' : 'other') }
    }
  })
}

/** A logarithmic axis has no 0. */
function pointsOf(shutdown: ShutdownCost, load: LoadKind, name: string): (readonly [number, number])[] {
  return connectionsOf(shutdown, load).flatMap((connections) => {
    const cell = cellOf(shutdown, load, name, connections)
    return connections === 0 || cell === undefined ? [] : [[connections, exitsOf(cell).median] as const]
  })
}
