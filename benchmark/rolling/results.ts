import { mkdirSync, writeFileSync } from 'node:fs'
import { versionOf } from '../../test/support/proxy.ts'
import { type Environment, environment } from '../environment.ts'
import { installedVersions } from '../install.ts'
import { nodeVersions, reference } from '../nodes.ts'
import type { Outcome } from './roll.ts'
import type { LeftOut } from './roll-all.ts'

/** All that the rolling restarts found: benchmark/results/rolling.json. */
export interface RollingResults {
  readonly environment: Environment
  /** Of HAProxy, nginx, Fastify and each package that is compared; `null` for what is not there. */
  readonly versions: Readonly<Record<string, string | null>>
  readonly outcomes: readonly Outcome[]
  readonly leftOut: readonly LeftOut[]
}

export function saveRolls(outcomes: readonly Outcome[], leftOut: readonly LeftOut[]): void {
  // The compiled benchmark runs in build/, and its results belong beside the source.
  const folder = new URL('../../../benchmark/results/', import.meta.url)
  mkdirSync(folder, { recursive: true })
  const results: RollingResults = {
    environment: { ...environment(), node: nodeVersions()[reference] },
    versions: { haproxy: versionOf('haproxy'), nginx: versionOf('nginx'), ...installedVersions() },
    outcomes,
    leftOut
  }
  // A line for each outcome.
  const lines = outcomes.map((outcome) => `    ${JSON.stringify(outcome, rounded)}`)
  const text = JSON.stringify({ ...results, outcomes: [] }, rounded, 2).replace(
    '"outcomes": []',
    () => `"outcomes": [\n${lines.join(',\n')}\n  ]`
  )
  writeFileSync(new URL('rolling.json', folder), `${text}\n`)
}

function rounded(_key: string, value: unknown): unknown {
  return typeof value === 'number' ? Number(value.toFixed(1)) : value
}
