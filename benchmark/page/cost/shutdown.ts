import type { CostResults } from '../../cost/cost.ts'
import type { Rejections } from '../../cost/rejections.ts'
import { type LoadKind, loads, type ShutdownCell, type ShutdownCost } from '../../cost/shutdown.ts'
import type { Blocked } from '../../cost/subject-process.ts'
import { table } from '../../markdown.ts'
import { ours, titleOf } from '../../subjects.ts'
import { afterLastAnswerOf, cellOf, connectionsOf, exitsOf, growth, namesOf, races } from './exits.ts'
import { rowTitle, signed, spread, whole } from './write-number.ts'

const titles: Record<LoadKind, string> = {
  idle: 'Every connection idle',
  inFlight: 'A tenth with a request in flight'
}

/** How long it takes from the signal to the end of the process, and for how long the loop is blocked. */
export function shutdownPart({ shutdown, rejections, method }: CostResults, picture: string): string {
  const { answered, trial } = method.shutdown
  return [
    '### When it shuts down',
    ...fewer(shutdown),
    raceTable(shutdown),
    'This plugin takes longer. The extra time is the same for any number of connections. The plugin waits for a quiet moment before it closes the listener, and before it ends the connections. So no request on its way is lost ([the drain](drain.md#when-nothing-is-in-flight)). It also has to end the thread of its watchdog.',
    blockVerdict(shutdown),
    `![Time from the signal to the exit, by the number of connections](${picture})`,
    ...loads.flatMap((load) => [
      `#### ${titles[load]}`,
      exitTable(shutdown, load),
      ...failures(shutdown, load),
      'For how long the event loop was blocked, in ms, in the worst run. The most CPU time of a block is in parentheses:',
      blockTable(shutdown, load)
    ]),
    `The times to the exit are in milliseconds, from SIGTERM to the end of the process. Each cell has the median, and the least and the most in parentheses. The requests in flight are answered evenly between ${answered.from} and ${answered.until} ms after the signal. The clients run in other processes on the same machine. If a package with ${trial.connections} connections had not exited ${whole(trial.deadline)} ms after the signal, it was not measured with more.`,
    '#### How it grows',
    growthTable(shutdown),
    'How much each further connection adds to the time of the exit. If the growth is linear, this is the same in each step.',
    '### While it drains',
    rejectionTable(rejections),
    `One request holds the drain open. Meanwhile ${method.rejections.clients} clients send one request after another, each on a new connection. *Served before* is the rate without a shutdown.`
  ].join('\n\n')
}

/** The system may allow fewer connections than were asked for. */
function fewer({ sizes }: ShutdownCost): string[] {
  return sizes
    .filter(({ asked, connections }) => connections < asked)
    .map(
      ({ asked, connections }) =>
        `${whole(asked)} connections were planned, but this system lets a process have only ${whole(connections)}.`
    )
}

function raceTable(shutdown: ShutdownCost): string {
  return table([
    ['connections', '', titleOf(ours), 'the fastest of the others', 'ratio'],
    ...loads.flatMap((load) =>
      races(shutdown, load).map(({ connections, ours, fastest, ratio }) => [
        whole(connections),
        load === 'idle' ? 'idle' : 'a tenth in flight',
        `${whole(ours)} ms`,
        `${whole(fastest.exit)} ms, ${titleOf(fastest.name)}`,
        `${ratio.toFixed(1)} times as long`
      ])
    )
  ])
}

function exitTable(shutdown: ShutdownCost, load: LoadKind): string {
  return bySize(shutdown, load, (cell) => {
    const lost = Math.max(...cell.runs.map((run) => run.lost))
    const codes = [...new Set(cell.runs.map(({ code, signal }) => code ?? signal))].filter(
      (code) => code !== 0
    )
    const after = afterLastAnswerOf(cell)
    return [
      spread(exitsOf(cell), whole),
      ...(after === undefined ? [] : [`${whole(after.median)} after the last answer`]),
      ...(lost > 0 ? [`**${whole(lost)} lost**`] : []),
      ...(codes.length > 0 ? [`exit ${codes.join(', ')}`] : [])
    ].join('; ')
  })
}

function blockVerdict({ cells }: ShutdownCost): string {
  const worst = (isOurs: boolean) => {
    const runs = cells.filter(({ name }) => (name === ours) === isOurs).flatMap((cell) => cell.runs)
    return worstOf(runs.flatMap(({ blocked }) => blocked ?? []))
  }
  const [own, others] = [worst(true), worst(false)]
  return `In all of its shutdowns, this plugin blocked the event loop for ${whole(own.time)} ms at most. A block took ${whole(own.cpuTime)} ms of CPU time at most. The worst of the others blocked it for ${whole(others.time)} ms.`
}

function worstOf(blocked: readonly Blocked[]): Blocked {
  const worst = (name: keyof Blocked) => Math.max(0, ...blocked.map((each) => each[name]))
  return { time: worst('time'), cpuTime: worst('cpuTime') }
}

function blockTable(shutdown: ShutdownCost, load: LoadKind): string {
  return bySize(shutdown, load, ({ runs }) => {
    const blocked = runs.flatMap((run) => run.blocked ?? [])
    if (blocked.length === 0) return 'unknown'
    const { time, cpuTime } = worstOf(blocked)
    return `${whole(time)} (${whole(cpuTime)})`
  })
}

/** A row for each subject, a column for each number of connections. */
function bySize(shutdown: ShutdownCost, load: LoadKind, write: (cell: ShutdownCell) => string): string {
  const sizes = connectionsOf(shutdown, load)
  return table([
    ['', ...sizes.map((size) => whole(size))],
    ...namesOf(shutdown, load).map((name) => [
      rowTitle(name),
      ...sizes.map((size) => write(cellOf(shutdown, load, name, size) as ShutdownCell))
    ])
  ])
}

/** Those that did not end in time. */
function failures({ failed }: ShutdownCost, load: LoadKind): string[] {
  const lines = failed
    .filter((cell) => cell.load === load)
    .map(({ name, connections, runs: [run] }) => {
      const end =
        run?.signal === 'SIGKILL' ? 'did not end' : `reached its deadline, exit ${run?.code ?? run?.signal}`
      return `- ${titleOf(name)}, with ${connections} connections: ${end}`
    })
  return lines.length === 0 ? [] : [lines.join('\n')]
}

function growthTable(shutdown: ShutdownCost): string {
  const rows = loads.flatMap((load) =>
    namesOf(shutdown, load).map((name) => ({ load, name, steps: growth(shutdown, load, name) }))
  )
  return table([
    ['', '', ...(rows[0]?.steps ?? []).map(({ from, to }) => `${whole(from)} → ${whole(to)}`)],
    ...rows.map(({ load, name, steps }) => [
      rowTitle(name),
      load === 'idle' ? 'idle' : 'a tenth in flight',
      ...steps.map(
        ({ factor, perItem }) => `${signed(perItem, 0)} µs each, ${factor.toFixed(1)} times as long`
      )
    ])
  ])
}

function rejectionTable(rejections: readonly Rejections[]): string {
  return table([
    ['', 'served before', 'answered 503', 'of all: 503', 'refused', 'lost to a reset', 'served'],
    ...rejections.map(({ name, served, rejected, after }) => {
      const all = after.rejected + after.refused + after.lost + after.served
      const share = (count: number) => (count === 0 ? '–' : `${Math.round((count / all) * 100)} %`)
      return [
        rowTitle(name),
        `${spread(served, whole)} per second`,
        after.rejected > 0 ? `${spread(rejected, whole)} per second` : '–',
        share(after.rejected),
        share(after.refused),
        share(after.lost),
        share(after.served)
      ]
    })
  ])
}
