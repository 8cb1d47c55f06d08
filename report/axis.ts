/** What a bar is drawn with: a whole cell, its left half and its right half. */
export interface Brush {
  readonly whole: string
  readonly left: string
  readonly right: string
}

/** Time from left to right: where a moment stands in a row of so many cells. */
export class Axis {
  readonly #total: number
  readonly #cells: number

  constructor(total: number, cells: number) {
    // A shutdown that took no time at all still has a beginning.
    this.#total = Math.max(total, 1)
    this.#cells = cells
  }

  /** The label of each tick, standing where its moment is. The shutdown begins at T0. */
  ticks(): string {
    let row = 'T0'
    const step = this.#step()
    for (let tick = step; tick <= this.#total; tick += step) {
      const cell = Math.round((tick / this.#total) * this.#cells)
      const label = String(tick)
      if (cell + label.length <= this.#cells) row = row.padEnd(cell) + label
    }
    return row
  }

  /** A bar, exact to half a cell and never shorter than that, with the blanks before it. */
  bar(at: number, duration: number, brush: Brush): { blanks: string; bar: string } {
    const halves = 2 * this.#cells
    const from = Math.min(this.#halvesUntil(at), halves - 1)
    const to = Math.min(Math.max(this.#halvesUntil(at + duration), from + 1), halves)
    const firstWhole = Math.ceil(from / 2)
    const endOfWhole = Math.floor(to / 2)
    const bar =
      (from % 2 === 1 ? brush.right : '') +
      brush.whole.repeat(Math.max(0, endOfWhole - firstWhole)) +
      (to % 2 === 1 ? brush.left : '')
    return { blanks: ' '.repeat(Math.floor(from / 2)), bar }
  }

  #halvesUntil(at: number): number {
    return Math.round((at / this.#total) * 2 * this.#cells)
  }

  /** The smallest of 1, 2, 5, 10, 20, 50 … ms that leaves room for a label at each tick. */
  #step(): number {
    const room = String(Math.round(this.#total)).length + 3
    const least = Math.max(1, (room * this.#total) / this.#cells)
    const power = 10 ** Math.floor(Math.log10(least))
    return [power, 2 * power, 5 * power, 10 * power].find((step) => step >= least) as number
  }
}
