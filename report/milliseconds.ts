/** A time in whole milliseconds; `<1` for a shorter time that is not 0. */
export function milliseconds(ms: number): string {
  return ms > 0 && ms < 1 ? '<1' : String(Math.round(ms))
}
