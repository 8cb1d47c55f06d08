import { type Node, nodes, reference } from '../nodes.ts'
import { scenarios } from '../scenarios/all.ts'
import { beats, ranked, type Standing, standingOf } from '../scenarios/ranking.ts'
import { type CompareResults, runsOf } from '../scenarios/results.ts'
import type { Scenario } from '../scenarios/scenario.ts'
import { ours, subjects } from '../subjects.ts'

/** One scenario with what it came to. */
export interface Row {
  readonly scenario: Scenario
  /** The best first. */
  readonly standings: readonly Standing[]
  readonly ours: Standing
  /** Those that are better than ours, the best first. */
  readonly better: readonly Standing[]
}

/** A row for each scenario; throws where the results do not have every subject in every scenario. */
export function rowsOf({ runs, repeats }: CompareResults, node: Node = reference): Row[] {
  return scenarios.map((scenario) => {
    const standings = subjects.map(({ name }) => {
      const found = runsOf(runs, scenario.name, node, name)
      const due = node === reference ? repeats : 1
      if (found.length !== due) {
        throw new Error(`${name} was run ${found.length} times instead of ${due} in '${scenario.name}'`)
      }
      return standingOf(scenario, name, found)
    })
    const own = standings.find(({ subject }) => subject === ours) as Standing
    const best = ranked(standings)
    return { scenario, standings: best, ours: own, better: best.filter((standing) => beats(standing, own)) }
  })
}

/** The lines of Node.js of which there are results. */
export function nodesOf({ runs }: CompareResults): Node[] {
  return nodes.filter((node) => Object.values(runs).every((byNode) => node in byNode))
}
