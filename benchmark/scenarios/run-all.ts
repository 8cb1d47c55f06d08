import type { Node } from '../nodes.ts'
import { type Observation, observe } from './observe.ts'
import type { Task } from './tasks.ts'

/** A run that was made. */
export interface Run extends Observation {
  readonly scenario: string
  readonly subject: string
  /** With which line of Node.js. */
  readonly node: Node
}

/** Hears of each run when it has been made. */
export type Progress = (run: Run, done: number) => void

/**
 * Several at a time, as they mostly wait; those that count what a busy machine could lose have it for
 * themselves, and come last.
 */
export async function runAll(tasks: readonly Task[], lanes: number, progress: Progress): Promise<Run[]> {
  const runs: Run[] = []
  const lane = async (queue: Task[]) => {
    for (let task = queue.shift(); task !== undefined; task = queue.shift()) {
      const run = await make(task)
      runs.push(run)
      progress(run, runs.length)
    }
  }
  const shared = tasks.filter(({ scenario }) => scenario.alone !== true)
  const alone = tasks.filter(({ scenario }) => scenario.alone === true)
  await Promise.all(Array.from({ length: lanes }, () => lane(shared)))
  await lane(alone)
  return runs
}

/** How often a run is made again whose clients were disturbed by something else on the machine. */
const attempts = 10

async function make({ scenario, subject, node }: Task): Promise<Run> {
  for (let attempt = 1; ; attempt++) {
    const observation = await observe(scenario, subject, node)
    if (observation.disturbed !== true || attempt === attempts) {
      return { scenario: scenario.name, subject: subject.name, node, ...observation }
    }
  }
}
