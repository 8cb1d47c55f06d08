import { BarChart, CustomChart, HeatmapChart, LineChart, ScatterChart } from 'echarts/charts'
import {
  GridComponent,
  LegendComponent,
  TitleComponent,
  VisualMapPiecewiseComponent
} from 'echarts/components'
import { type EChartsCoreOption, init, use } from 'echarts/core'
import { SVGRenderer } from 'echarts/renderers'
import { colour, palette } from './palette.ts'

use([SVGRenderer, GridComponent, LegendComponent, TitleComponent, VisualMapPiecewiseComponent])
use([BarChart, CustomChart, HeatmapChart, LineChart, ScatterChart])

/** How large a chart is, and what it shows, for those who cannot see it. */
export interface Frame {
  readonly width: number
  readonly height: number
  readonly label: string
}

/** An SVG of the chart, the same bytes each time, which is read well on light and on dark. */
export function svgOf(option: EChartsCoreOption, { width, height, label }: Frame): string {
  const chart = init(null, theme, { renderer: 'svg', ssr: true, width, height })
  chart.setOption({ animation: false, ...option })
  const svg = stripped(chart.renderToSVGString())
  chart.dispose()
  refuseOtherColours(svg)
  return `${readable(svg, label)}\n`
}

const axis = {
  axisLabel: { color: colour('quiet') },
  axisLine: { lineStyle: { color: colour('quiet') } },
  axisTick: { lineStyle: { color: colour('quiet') } },
  nameTextStyle: { color: colour('quiet') },
  splitLine: { lineStyle: { color: colour('grid') } }
}

// An invisible box has colours too.
const box = { backgroundColor: colour('paper'), borderColor: colour('paper') }

// Only fonts that are there: the picture loads nothing.
const theme = {
  backgroundColor: colour('paper'),
  color: [colour('other')],
  textStyle: { color: colour('ink'), fontFamily: 'system-ui, sans-serif' },
  title: {
    ...box,
    textStyle: { color: colour('ink'), fontSize: 14 },
    subtextStyle: { color: colour('quiet') }
  },
  legend: { ...box, textStyle: { color: colour('ink') } },
  categoryAxis: axis,
  valueAxis: axis,
  logAxis: axis
}

/** Without what is meant for the mouse, and without names that count the charts of this process. */
function stripped(svg: string): string {
  return svg
    .replaceAll(/<style ?>.*?<\/style>\s*/gs, '')
    .replaceAll(/\bzr\d+-/g, '')
    .replaceAll(/ (class|ecmeta_\w+|pointer-events)="[^"]*"/g, '')
}

/** A colour that is not in the palette would stay as it is in the dark. */
function refuseOtherColours(svg: string): void {
  const known = new Set<string>(['none', ...Object.values(palette).map(({ light }) => light)])
  // What a line is clipped with is never seen.
  const seen = svg.replaceAll(/<clipPath.*?<\/clipPath>/gs, '')
  for (const [, used] of seen.matchAll(/ (?:fill|stroke)="([^"]*)"/g)) {
    if (!known.has(used as string)) throw new Error(`the chart uses ${used}, which is not in the palette`)
  }
}

function readable(svg: string, label: string): string {
  const style = `<style>@media (prefers-color-scheme:dark){${darkRules}}</style>`
  return svg.replace(
    /<svg [^>]*>/,
    (open) => `${open.slice(0, -1)} role="img">\n<title>${label}</title>\n${style}`
  )
}

const darkRules = Object.values(palette)
  .flatMap(({ light, dark }) =>
    ['fill', 'stroke'].map((property) => `[${property}="${light}"]{${property}:${dark}}`)
  )
  .join('')
