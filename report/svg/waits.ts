import type { PlacedRow } from './place.ts'
import { amount, element } from './xml.ts'

/** A thin line from the end of each hook's bar to the beginning of each bar that waited for it. */
export function waits(placed: readonly PlacedRow[]): string[] {
  const ran = placed.filter(({ row }) => row.duration !== undefined)
  const byName = new Map(ran.map((place) => [keyOf(place.row.phase, place.row.name), place]))
  return ran.flatMap((waiting) =>
    waiting.row.waitedFor.flatMap((name) => {
      const awaited = byName.get(keyOf(waiting.row.phase, name))
      return awaited === undefined ? [] : [waitLine(awaited, waiting)]
    })
  )
}

function keyOf(phase: string, name: string): string {
  return JSON.stringify([phase, name])
}

function waitLine(awaited: PlacedRow, waiting: PlacedRow): string {
  // A very short bar is drawn longer, so that it can be seen. Then it may end after the next bar begins.
  const x = Math.min(awaited.to, waiting.from)
  return element('path', {
    class: 'wait',
    d: `M${amount(x)} ${awaited.y}V${waiting.y}H${amount(waiting.from)}`
  })
}
