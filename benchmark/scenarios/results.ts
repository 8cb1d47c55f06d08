import { mkdirSync, writeFileSync } from 'node:fs'
import { loadavg } from 'node:os'
import { type Environment, environment } from '../environment.ts'
import { installedVersions } from '../install.ts'
import { type Node, nodeVersions } from '../nodes.ts'
import type { Observation } from './observe.ts'
import { openFiles } from './open-files.ts'
import type { Run } from './run-all.ts'
import type { Seen } from './scenario.ts'

/** All that `npm run bench -- compare` found: benchmark/results/compare.json. */
export interface CompareResults {
  readonly environment: Environment
  /** Of each package that is compared, and of Fastify. */
  readonly versions: Readonly<Record<string, string>>
  /** The exact version of each line of Node.js. */
  readonly nodes: Readonly<Record<Node, string>>
  /** How often each scenario was run with each subject on the reference; once on the others, or not at all. */
  readonly repeats: number
  /** How many programs wanted to run at a time, at the end: more than there are cores make times long. */
  readonly load: number
  /** How many connections there were in the scenario with many. */
  readonly connections: number
  readonly runs: Packed
}

/** Runs by scenario, Node.js and subject: ms, exit code or signal, hooks, what was seen, and 1 if disturbed. */
export type Packed = Readonly<Record<string, Readonly<Record<string, Readonly<Record<string, Short[]>>>>>>

type Short = readonly [Observation['ms'], number | string | null, number, Seen, 1?]

export function packed(runs: readonly Run[]): Packed {
  const short = ({ ms, code, signal, hooks, seen, disturbed }: Run): Short =>
    disturbed ? [ms, code ?? signal, hooks, seen, 1] : [ms, code ?? signal, hooks, seen]
  const by = (of: readonly Run[], key: 'scenario' | 'node' | 'subject', inner: (group: Run[]) => unknown) =>
    Object.fromEntries(
      [...new Set(of.map((run) => run[key]))].map((name) => [
        name,
        inner(of.filter((run) => run[key] === name))
      ])
    )
  return by(runs, 'scenario', (those) =>
    by(those, 'node', (these) => by(these, 'subject', (same) => same.map(short)))
  ) as Packed
}

/** All runs of one scenario with one subject on one Node.js. */
export function runsOf(runs: Packed, scenario: string, node: Node, subject: string): Observation[] {
  const found = runs[scenario]?.[node]?.[subject] ?? []
  return found.map(([ms, end, hooks, seen, disturbed]) => ({
    ms,
    code: typeof end === 'number' ? end : null,
    signal: typeof end === 'string' ? end : null,
    hooks,
    seen,
    ...(disturbed === 1 ? { disturbed: true } : {})
  }))
}

export function saveRuns(runs: readonly Run[], repeats: number): void {
  const folder = new URL('../../../benchmark/results/', import.meta.url)
  mkdirSync(folder, { recursive: true })
  const results = {
    environment: environment(),
    versions: installedVersions(),
    nodes: nodeVersions(),
    repeats,
    load: Math.round((loadavg()[1] as number) * 10) / 10,
    connections: openFiles(5_000),
    runs: {}
  } satisfies CompareResults
  // A line for each scenario and Node.js.
  const lines = Object.entries(packed(runs)).map(([scenario, byNode]) => {
    const inner = Object.entries(byNode).map(([node, of]) => `      "${node}": ${JSON.stringify(of)}`)
    return `    "${scenario}": {\n${inner.join(',\n')}\n    }`
  })
  const text = JSON.stringify(results, null, 2).replace(
    '"runs": {}',
    () => `"runs": {\n${lines.join(',\n')}\n  }`
  )
  writeFileSync(new URL('compare.json', folder), `${text}\n`)
}
