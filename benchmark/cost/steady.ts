import { quantile } from 'simple-statistics'
import { comparing, type Difference } from '../comparison.ts'
import type { Estimate } from '../estimate.ts'
import { generations } from '../generations.ts'
import { Load } from '../load.ts'
import { method } from '../method.ts'
import { type Sample, type Subject, sample } from '../subject.ts'
import { SubjectProcess } from './subject-process.ts'
import { control, scriptOf } from './subjects.ts'

/** What one turn found: besides what a request cost, how long its client waited, in ms. */
interface LoadSample extends Sample {
  readonly p50: number
  readonly p99: number
}

/** What one subject costs while it serves, at the median of its turns. */
export interface Steady {
  readonly name: string
  /** CPU time of the server per request, in microseconds. */
  readonly cpu: Estimate
  /** What it is more than that of the app without shutdown code. */
  readonly cpuAdded: Difference
  /** Time per request with all clients together, in microseconds. */
  readonly elapsed: Estimate
  readonly elapsedAdded: Difference
  /** Time that a client waits, in ms. */
  readonly p50: Estimate
  readonly p99: Estimate
}

/** Every subject under the same load, in turns. */
export async function steady(names: readonly string[], number: number): Promise<Steady[]> {
  const found = await generations(names, number, underLoad)
  const of = (quantity: keyof LoadSample) => comparing(found, quantity, 0.5, control)
  return names.map((name) => ({
    name,
    cpu: of('cpu').level(name),
    cpuAdded: of('cpu').minusBare(name),
    elapsed: of('elapsed').level(name),
    elapsedAdded: of('elapsed').minusBare(name),
    p50: of('p50').level(name),
    p99: of('p99').level(name)
  }))
}

async function underLoad(name: string): Promise<Subject<LoadSample>> {
  const subject = await SubjectProcess.start(scriptOf(name))
  const load = new Load(subject.port)
  return {
    async measure() {
      let latencies: readonly number[] = []
      const { cpu, elapsed } = await sample(
        () => subject.ask('cpu'),
        method.requestsOverHttp,
        async (requests) => {
          latencies = await load.run(requests)
        }
      )
      return { cpu, elapsed, p50: quantile([...latencies], 0.5), p99: quantile([...latencies], 0.99) }
    },
    async stop() {
      await load.close()
      await subject.destroy()
    }
  }
}
