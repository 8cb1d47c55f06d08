const units: readonly (readonly [pattern: RegExp, ms: number])[] = [
  [/^(us|usec|µs)$/, 0.001],
  [/^(ms|msec)$/, 1],
  [/^(s|sec|seconds?|)$/, 1_000],
  [/^(m|min|minutes?)$/, 60_000],
  [/^(h|hr|hours?)$/, 3_600_000],
  [/^(d|days?)$/, 86_400_000],
  [/^(w|weeks?)$/, 604_800_000],
  [/^(M|months?)$/, 2_629_800_000],
  [/^(y|years?)$/, 31_557_600_000]
]

/**
 * A time such as `1min 30s` in ms. A number without a unit is in seconds. `undefined` if systemd does not
 * accept the text.
 */
export function timeOf(text: string): number | undefined {
  if (text === 'infinity') return Number.POSITIVE_INFINITY
  let sum = 0
  const rest = text.replaceAll(/(\d+(?:\.\d+)?)\s*([a-zA-Zµ]*)/g, (whole, number: string, name: string) => {
    const unit = units.find(([pattern]) => pattern.test(name))
    if (unit === undefined) return whole
    sum += Number(number) * unit[1]
    return ''
  })
  return text === '' || rest.trim() !== '' ? undefined : sum
}
