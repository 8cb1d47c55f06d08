/** Below a second in ms, otherwise in seconds. */
export function spellTime(ms: number): string {
  const whole = Math.round(ms)
  return whole < 1_000 ? `${whole} ms` : `${(ms / 1_000).toFixed(1)} s`
}
