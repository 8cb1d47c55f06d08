import { type Comparisons, compare } from '../comparison.ts'
import { type Environment, environment } from '../environment.ts'
import { generations } from '../generations.ts'
import { method as steadyMethod } from '../method.ts'
import { saveAs } from '../results.ts'
import { withoutNetwork } from '../subject.ts'
import { variants } from '../variants.ts'
import { type Memory, memory } from './memory.ts'
import { type CostMethod, fullMethod, quickMethod } from './method.ts'
import { type Rejections, rejections } from './rejections.ts'
import { type ShutdownCost, shutdownCost } from './shutdown.ts'
import { type Start, starts } from './start.ts'
import { type Steady, steady } from './steady.ts'
import { serving } from './subjects.ts'

/** What every subject costs, while it serves and when it shuts down: the whole of `results/cost.json`. */
export interface CostResults {
  readonly environment: Environment
  /** Whether it was a run that only shows that everything runs. */
  readonly quick: boolean
  readonly method: CostMethod & { readonly turns: typeof steadyMethod }
  readonly overHttp: readonly Steady[]
  /** CPU time per request in-process, in microseconds: bare, bare again, and ours. */
  readonly withoutNetwork: Comparisons
  readonly memory: Memory
  readonly starts: readonly Start[]
  readonly shutdown: ShutdownCost
  readonly rejections: readonly Rejections[]
}

/** The name of the results' file. */
export const costFile = 'cost.json'

export interface CostOptions {
  /** Measure as little as shows that everything runs. */
  readonly quick?: boolean
  /** Hears of each part as it begins. */
  readonly onPart?: (name: string) => void
}

/** Measures everything, and writes it down. The packages of `benchmark/` must be installed. */
export async function costRun({ quick = false, onPart = () => {} }: CostOptions = {}): Promise<CostResults> {
  const method = quick ? quickMethod : fullMethod
  const part = <Found>(name: string, measure: () => Promise<Found>): Promise<Found> => {
    onPart(name)
    return measure()
  }
  const results: CostResults = {
    environment: environment(),
    quick,
    method: { ...method, turns: steadyMethod },
    overHttp: await part('under load', () => steady(serving, method.generations.overHttp)),
    withoutNetwork: compare(
      await part('without a network', () =>
        generations(variants, method.generations.withoutNetwork, withoutNetwork)
      ),
      'cpu'
    ),
    starts: await part('the start', () => starts(method.starts)),
    memory: await part('idle connections', () => memory(method.memory)),
    rejections: await part('rejections', () => rejections(method.rejections)),
    shutdown: await part('the shutdown', () => shutdownCost(method.shutdown))
  }
  saveAs(costFile, results)
  return results
}
