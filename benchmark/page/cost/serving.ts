import type { CostResults } from '../../cost/cost.ts'
import type { Steady } from '../../cost/steady.ts'
import { secondControl } from '../../cost/subjects.ts'
import type { Estimate } from '../../estimate.ts'
import { table } from '../../markdown.ts'
import { ours } from '../../subjects.ts'
import { difference, rowTitle, whole } from './write-number.ts'

/** What a request costs while nothing shuts down. */
export function servingPart({ overHttp, withoutNetwork, method }: CostResults): string {
  return [
    '### While it serves',
    verdict(overHttp),
    servingTable(overHttp),
    inProcess(withoutNetwork.median),
    `Every app answers the same hello world, in turns of ${whole(method.turns.requestsOverHttp)} requests from ${method.turns.connections} clients. A client keeps its connection, and waits for an answer before its next request. Each app was started ${method.generations.overHttp} times, with ${method.turns.rounds} turns for each start. The CPU time is that of the server's process. The latency was measured under full load, so most of it is waiting. A 95 % bootstrap interval is in parentheses. *none* is the app without any shutdown code. *none, again* is the same app, so its difference to *none* is noise. Node.js always ran with \`${method.turns.nodeOptions.join(' ')}\`, which prevents a [slowdown of some processes](../benchmark/README.md#the-limits).`
  ].join('\n\n')
}

/** What is not more than the same app differs from itself is not found. */
function verdict(overHttp: readonly Steady[]): string {
  const added = (name: string) => (overHttp.find((each) => each.name === name) as Steady).cpuAdded.absolute
  const [plugin, noise] = [added(ours), added(secondControl)]
  const isNoise = plugin.low <= 0 || plugin.value <= Math.max(Math.abs(noise.low), Math.abs(noise.high))
  const says = isNoise
    ? 'which is within the noise of the control'
    : 'which is more than the noise of the control'
  return `This plugin adds ${difference(plugin, 2)} µs of CPU time to a request, ${says}: ${difference(noise, 2)} µs.`
}

function servingTable(overHttp: readonly Steady[]): string {
  return table([
    ['', 'CPU time per request', 'added', 'requests per second', 'p50', 'p99'],
    ...overHttp.map(({ name, cpu, cpuAdded, elapsed, p50, p99 }) => [
      rowTitle(name),
      `${cpu.value.toFixed(1)} µs`,
      name === 'none' ? '' : `${difference(cpuAdded.absolute, 2)} µs`,
      perSecond(elapsed),
      latency(p50),
      latency(p99)
    ])
  ])
}

function perSecond({ value, low, high }: Estimate): string {
  const rate = (microseconds: number) => whole(1_000_000 / microseconds)
  return `${rate(value)} (${rate(high)} … ${rate(low)})`
}

function latency({ value, low, high }: Estimate): string {
  return `${value.toFixed(2)} ms (${low.toFixed(2)} … ${high.toFixed(2)})`
}

function inProcess({ controlMinusBare, pluginMinusBare }: CostResults['withoutNetwork']['median']): string {
  const nanoseconds = ({ value, low, high }: Estimate) =>
    difference({ value: value * 1_000, low: low * 1_000, high: high * 1_000 }, 0)
  return `Without sockets and parser, there is less noise. This plugin then adds ${nanoseconds(pluginMinusBare.absolute)} ns of CPU time to a request. The control adds ${nanoseconds(controlMinusBare.absolute)} ns.`
}
