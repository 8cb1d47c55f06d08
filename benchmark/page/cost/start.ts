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
    `Loading is the import of the subject's set-up with all its packages, some of which Fastify has loaded already. Setting up registers it, and includes Fastify's boot where one has to wait for that. Threads are those of the whole process. Timers are counted once the app listens, even those that would not keep it alive. The memory is the growth with ${whole(memory.connections)} idle connections, each used once, after a garbage collection, divided by their number${memory.connections < memory.asked ? ` (${whole(memory.asked)} were asked for: the system lets a process have no more)` : ''}. Where there were several runs, their least and their most stand in parentheses.`
  ].join('\n\n')
}

/** Said first, where all others start faster. */
function slowStart(starts: readonly Start[]): string[] {
  const own = starts.find(({ name }) => name === ours) as Start
  const slowest = Math.max(...starts.filter((each) => each !== own).map(({ load }) => load.median))
  return own.load.median <= slowest
    ? []
    : [
        'All others load faster than ours, which is some sixty modules that Node.js finds and reads one by one. Publishing them as one file will change that. It makes no difference to what a request costs.'
      ]
}
