/** The variables whose values a file sets itself. */
export type Variables = ReadonlyMap<string, string>

const reference = /\$(?:(\w+)|\{(\w+)(?:(:?[-+])((?:[^{}]|\{[^{}]*\})*))?\})/g

/** Replaces variables by their known values and defaults. Unknown variables stay as they are. */
export function expanded(text: string, variables: Variables, depth = 0): string {
  if (depth > 5) return text
  return text.replace(reference, (whole, plain?: string, braced?: string, operator?: string, word = '') => {
    const value = variables.get(plain ?? (braced as string))
    if (operator?.endsWith('+')) return value ? expanded(word, variables, depth + 1) : ''
    if (value !== undefined && (value !== '' || !operator?.startsWith(':'))) return value
    return operator === undefined ? whole : expanded(word, variables, depth + 1)
  })
}

/** The assignments in `A=b C="d e"` or `A b`, the forms of `ENV` and `ARG`. */
export function assignmentsIn(words: readonly string[]): readonly (readonly [name: string, value: string])[] {
  const [first = '', ...rest] = words
  if (!first.includes('=')) return rest.length === 0 ? [] : [[first, rest.join(' ')]]
  return words.flatMap((word) => {
    const split = word.indexOf('=')
    return split <= 0 ? [] : [[word.slice(0, split), word.slice(split + 1)] as const]
  })
}
