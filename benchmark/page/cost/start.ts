import type { CostResults } from '../../cost/cost.ts'
import type { Memory } from '../../cost/memory.ts'
import type { Start } from '../../cost/start.ts'
import { table } from '../../markdown.ts'
import { ours } from '../../subjects.ts'
import { rowTitle, spread, whole } from './write-number.ts'

/** What the start takes, and what is there once the app listens. */
export function startPart({ starts, memory }: CostResults): string {
  const milliseconds = (value: number) => `${value.toFixed(1)} ms`
  const bytes = (value: number) => `${whole(value)} bytes`
  const memoryOf = (name: string) =>
    (memory.subjects.find((each) => each.name === name) as Memory['subjects'][number]).perConnection
  return [
    '### At its start, and idle',
    ...slowStart(starts),
    table([
      ['', 'loading', 'setting up', 'threads', 'timers', 'memory for each connection'],
      ...starts.map(({ name, load, attach, threads, timers }) => [
        rowTitle(name),
        spread(load, milliseconds),
        spread(attach, milliseconds),
        String(threads ?? 'unknown'),
        String(timers ?? 'unknown'),
        spread(memoryOf(name), bytes)
      ])
    ]),
    `*Loading* is the import of the package and its dependencies, some of which Fastify has loaded already. *Setting up* is the registration. It includes Fastify's boot if a package has to wait for it. *Threads* are those of the whole process. *Timers* are counted when the app listens, even timers that do not keep the app alive. *Memory* is the growth with ${whole(memory.connections)} idle connections, divided by their number${memory.connections < memory.asked ? ` (${whole(memory.asked)} were planned, but the system lets a process have no more)` : ''}. Each connection was used once, and then garbage was collected. If there were several runs, the least and the most are in parentheses.`
  ].join('\n\n')
}

/** Said first, where all others start faster. */
function slowStart(starts: readonly Start[]): string[] {
  const own = starts.find(({ name }) => name === ours) as Start
  const slowest = Math.max(...starts.filter((each) => each !== own).map(({ load }) => load.median))
  return own.load.median <= slowest
    ? []
    : [
        'All other packages load faster than this plugin. When this was measured, the plugin had some sixty modules, and Node.js finds and reads modules one by one. Now it has [one file for each entry](design.md#the-package). The time of loading makes no difference to the cost of a request.'
      ]
}
