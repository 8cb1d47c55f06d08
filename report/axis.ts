/** A moment at which the axis has a label. */
export interface Tick {
  readonly column: number
  readonly label: string
}

/** Time from left to right: maps a moment to a column. */
export class Axis {
  readonly #total: number
  readonly #columns: number

  constructor(total: number, columns: number) {
    if (!Number.isFinite(total)) throw new RangeError('an axis without an end')
    // A shutdown that took no time at all still has a beginning.
    this.#total = Math.max(total, 1)
    this.#columns = columns
  }

  /** The column of a moment, with its fraction. */
  at(ms: number): number {
    return (ms / this.#total) * this.#columns
  }

  /** The moments whose labels fit. Each label begins at the column of its moment. The shutdown begins at 0. */
  ticks(): Tick[] {
    const ticks: Tick[] = [{ column: 0, label: '0' }]
    const step = this.#step()
    for (let tick = step; tick <= this.#total; tick += step) {
      const label = String(tick)
      const column = this.at(tick)
      if (Math.round(column) + label.length <= this.#columns) ticks.push({ column, label })
    }
    return ticks
  }

  /** The smallest of 1, 2, 5, 10, 20, 50 … ms that leaves room for a label at each tick. */
  #step(): number {
    const room = String(Math.round(this.#total)).length + 3
    const least = Math.max(1, (room * this.#total) / this.#columns)
    const power = 10 ** Math.floor(Math.log10(least))
    return [power, 2 * power, 5 * power, 10 * power].find((step) => step >= least) as number
  }
}
