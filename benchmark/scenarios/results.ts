import { mkdirSync, writeFileSync } from 'node:fs'
import { type Environment, environment } from '../environment.ts'
import { installedVersions } from '../install.ts'
import { openFiles } from './open-files.ts'
import type { Run } from './run-all.ts'

/** All that `npm run compare` found: benchmark/results/compare.json. */
export interface CompareResults {
  readonly environment: Environment
  /** Of each package that is compared, and of Fastify. */
  readonly versions: Readonly<Record<string, string>>
  /** How often each scenario was run with each subject. */
  readonly repeats: number
  /** How many connections there were in the scenario with many. */
  readonly connections: number
  /** In the order in which they ended. */
  readonly runs: readonly Run[]
}

export function saveRuns(runs: readonly Run[], repeats: number): void {
  const folder = new URL('../../../benchmark/results/', import.meta.url)
  mkdirSync(folder, { recursive: true })
  const results = {
    environment: environment(),
    versions: installedVersions(),
    repeats,
    connections: openFiles(5_000),
    runs: []
  } satisfies CompareResults
  // A line for each run, so that the file can be read.
  const lines = runs.map((run) => `    ${JSON.stringify(run)}`).join(',\n')
  const text = JSON.stringify(results, null, 2).replace('"runs": []', () => `"runs": [\n${lines}\n  ]`)
  writeFileSync(new URL('compare.json', folder), `${text}\n`)
}
