import { mkdirSync, writeFileSync } from 'node:fs'
import type { Environment } from '../environment.ts'
import type { Outcome } from './roll.ts'

/** All that one run found. */
export interface RollingResults {
  readonly environment: Environment & {
    readonly haproxy: string | null
    readonly nginx: string | null
    /** By the name of the package. */
    readonly peers: Readonly<Record<string, string>>
  }
  readonly outcomes: readonly Outcome[]
  /** Cells that could not be run on this machine, and why. */
  readonly leftOut: readonly { readonly cell: string; readonly why: string }[]
}

// The compiled benchmark runs in dist/, and its results belong beside the source.
const folder = new URL('../../../benchmark/results/', import.meta.url)

export function saveResults(results: RollingResults): void {
  mkdirSync(folder, { recursive: true })
  writeFileSync(new URL('rolling.json', folder), `${JSON.stringify(results, rounded, 2)}\n`)
}

function rounded(_key: string, value: unknown): unknown {
  return typeof value === 'number' ? Number(value.toFixed(1)) : value
}
