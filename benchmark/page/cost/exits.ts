import { growthOf, type Step } from '../../cost/growth.ts'
import type { LoadKind, ShutdownCell, ShutdownCost } from '../../cost/shutdown.ts'
import { type Spread, spreadOf } from '../../cost/spread.ts'
import { ours } from '../../subjects.ts'

// What the tables and the picture of the shutdowns are made of.

export function exitsOf({ runs }: ShutdownCell): Spread {
  return spreadOf(runs.map(({ exit }) => exit))
}

/** From the last answer to the exit; nothing where none was in flight, or all were lost. */
export function afterLastAnswerOf({ runs }: ShutdownCell): Spread | undefined {
  const times = runs.flatMap(({ afterLastAnswer }) => afterLastAnswer ?? [])
  return times.length === 0 ? undefined : spreadOf(times)
}

export function cellOf(
  { cells }: ShutdownCost,
  load: LoadKind,
  name: string,
  connections: number
): ShutdownCell | undefined {
  return cells.find((cell) => cell.load === load && cell.name === name && cell.connections === connections)
}

/** Those that were measured, ours first. */
export function namesOf({ cells }: ShutdownCost, load: LoadKind): string[] {
  return [...new Set(cells.filter((cell) => cell.load === load).map(({ name }) => name))]
}

export function connectionsOf({ cells }: ShutdownCost, load: LoadKind): number[] {
  return [...new Set(cells.filter((cell) => cell.load === load).map(({ connections }) => connections))]
}

/** How the exit of one subject takes longer with more connections. */
export function growth(cost: ShutdownCost, load: LoadKind, name: string): Step[] {
  return growthOf(
    cost.cells
      .filter((cell) => cell.load === load && cell.name === name && cell.connections > 0)
      .map((cell) => ({ count: cell.connections, time: exitsOf(cell).median }))
  )
}

/** Ours beside the fastest of the others that lost nothing. */
export interface Race {
  readonly connections: number
  readonly ours: number
  readonly fastest: { readonly name: string; readonly exit: number }
  /** How many times as long ours takes. */
  readonly ratio: number
}

export function races(cost: ShutdownCost, load: LoadKind): Race[] {
  return connectionsOf(cost, load).flatMap((connections) => {
    const own = cellOf(cost, load, ours, connections)
    const fastest = namesOf(cost, load)
      .filter((name) => name !== ours)
      .map((name) => cellOf(cost, load, name, connections) as ShutdownCell)
      .filter(({ runs }) => runs.every(({ lost }) => lost === 0))
      .map((cell) => ({ name: cell.name, exit: exitsOf(cell).median }))
      .sort((one, other) => one.exit - other.exit)[0]
    if (own === undefined || fastest === undefined) return []
    const exit = exitsOf(own).median
    return [{ connections, ours: exit, fastest, ratio: exit / fastest.exit }]
  })
}
