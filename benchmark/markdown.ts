import type { Comparison, Comparisons, Difference } from './comparison.ts'
import type { Environment } from './environment.ts'
import type { Estimate } from './estimate.ts'
import type { Footprint } from './footprint.ts'
import type { Results } from './results.ts'

/** How a number of microseconds, or of per cent, is written. */
interface Unit {
  readonly symbol: string
  readonly digits: (value: number) => string
}

const microseconds: Unit = { symbol: 'µs', digits: (value) => value.toFixed(2) }
const nanoseconds: Unit = { symbol: 'ns', digits: (value) => (value * 1_000).toFixed(0) }
const percent: Unit = { symbol: '%', digits: (value) => value.toFixed(1) }

/** The results as a reader wants to see them, in the terminal and in the README. */
export function markdownOf({ environment, overHttp, withoutNetwork, footprint }: Results): string {
  return [
    headline(environment),
    '### CPU time of the server per request, over HTTP',
    comparisonTable(overHttp.cpu, cpuOverHttp),
    '### Throughput under full load, over HTTP',
    comparisonTable(overHttp.elapsed, throughput),
    '### CPU time per request, without a network',
    comparisonTable(withoutNetwork.cpu, cpuWithoutNetwork),
    '### What the start takes and leaves',
    footprintTable(footprint)
  ].join('\n\n')
}

function headline({ date, plugin, fastify, node, system, processor, cores }: Environment): string {
  return [
    `fastify-lifecycle ${plugin}, Fastify ${fastify}, Node.js ${node}`,
    `${cores} cores of ${processor}, ${system}`,
    date
  ].join('; ')
}

/** How the cells of one table are written. */
interface Cells {
  readonly level: (estimate: Estimate) => string
  readonly change: (difference: Difference) => string
}

const cpuOverHttp: Cells = {
  level: ({ value }) => plain(value, microseconds),
  change: ({ absolute, relative }) => `${change(absolute, microseconds)}; ${change(relative, percent)}`
}

const throughput: Cells = {
  level: ({ value }) => `${Math.round(1_000_000 / value).toLocaleString('en')} per second`,
  change: ({ absolute, relative }) =>
    `${change(absolute, microseconds)} per request; ${change(relative, percent)}`
}

/** No per cent: what is left of a request without its network is no measure for anything. */
const cpuWithoutNetwork: Cells = {
  level: ({ value }) => plain(value, nanoseconds),
  change: ({ absolute }) => change(absolute, nanoseconds)
}

function comparisonTable({ tenthPercentile, median }: Comparisons, cells: Cells): string {
  const row = (name: string, cell: (comparison: Comparison) => string) => [
    name,
    cell(tenthPercentile),
    cell(median)
  ]
  return table([
    ['', '10th percentile', 'median'],
    row('bare', ({ bare }) => cells.level(bare)),
    row('control', ({ control }) => cells.level(control)),
    row('plugin', ({ plugin }) => cells.level(plugin)),
    row('control − bare', ({ controlMinusBare }) => cells.change(controlMinusBare)),
    row('plugin − bare', ({ pluginMinusBare }) => cells.change(pluginMinusBare))
  ])
}

function footprintTable({ bare, plugin, withoutHardKill }: Results['footprint']): string {
  const row = (name: string, cell: (footprint: Footprint) => string) => [
    name,
    ...[bare, plugin, withoutHardKill].map(cell)
  ]
  return table([
    ['', 'bare', 'plugin', 'plugin, `hardKill: false`'],
    row('loading the module', ({ load }) => `${load.toFixed(1)} ms`),
    row('`register`', ({ register }) => `${register.toFixed(1)} ms`),
    row('threads', ({ threads }) => String(threads ?? 'unknown')),
    row('timers', ({ timers }) => String(timers)),
    row('active resources', ({ activeResources }) => String(activeResources)),
    row('resident memory', ({ memory }) => `${memory.toFixed(1)} MiB`),
    row('CPU time in an idle second', ({ idleCpu }) => `${idleCpu.toFixed(2)} ms`)
  ])
}

/** Padded, as the formatter wants its tables. */
export function table([head, ...body]: readonly [string[], ...string[][]]): string {
  const widths = head.map((_cell, column) =>
    Math.max(3, ...[head, ...body].map((row) => row[column]?.length ?? 0))
  )
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`
  const padded = (row: readonly string[]) => line(row.map((cell, column) => cell.padEnd(widths[column] ?? 0)))
  return [padded(head), line(widths.map((width) => '-'.repeat(width))), ...body.map(padded)].join('\n')
}

function plain(value: number, { symbol, digits }: Unit): string {
  return `${digits(value)} ${symbol}`
}

function change({ value, low, high }: Estimate, { symbol, digits }: Unit): string {
  const signed = (number: number) => (number < 0 ? '−' : '+') + digits(Math.abs(number))
  return `**${signed(value)} ${symbol}** (${signed(low)} … ${signed(high)})`
}
