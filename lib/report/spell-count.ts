/** A number with its noun: `1 hook`, `2 hooks`. */
export function spellCount(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`
}
