/** Whole milliseconds; `<1` says that there was something. */
export function milliseconds(ms: number): string {
  return ms > 0 && ms < 1 ? '<1' : String(Math.round(ms))
}
