/** How long something took with so many of something. */
export interface Point {
  readonly count: number
  /** In ms. */
  readonly time: number
}

/** What happens to the time from one count to the next. */
export interface Step {
  readonly from: number
  readonly to: number
  /** How many times as long it takes. */
  readonly factor: number
  /** What each one more adds, in microseconds: the same at every step where the growth is linear. */
  readonly perItem: number
}

/** The steps between points, which are in ascending order. */
export function growthOf(points: readonly Point[]): Step[] {
  return points.slice(1).map((to, index) => {
    const from = points[index] as Point
    return {
      from: from.count,
      to: to.count,
      factor: to.time / from.time,
      perItem: ((to.time - from.time) * 1_000) / (to.count - from.count)
    }
  })
}
