/** The values that can be written: mappings, sequences and plain values. A key with the value `undefined` is left out. */
export type Yaml = string | number | boolean | readonly Yaml[] | { readonly [key: string]: Yaml | undefined }

/** Writes a value as block-style YAML. The manifests need no other part of the language. */
export function toYaml(value: Yaml): string {
  return `${linesOf(value).join('\n')}\n`
}

function linesOf(value: Yaml): string[] {
  if (typeof value !== 'object') return [scalar(value)]
  if (isSequence(value)) {
    if (value.length === 0) return ['[]']
    return value.flatMap((item) => linesOf(item).map((line, index) => `${index === 0 ? '- ' : '  '}${line}`))
  }
  const entries = Object.entries(value).filter((entry): entry is [string, Yaml] => entry[1] !== undefined)
  return entries.length === 0 ? ['{}'] : entries.flatMap(([key, item]) => entryLines(scalar(key), item))
}

function entryLines(key: string, value: Yaml): string[] {
  const lines = linesOf(value)
  const isBlock = typeof value === 'object' && lines[0] !== '[]' && lines[0] !== '{}'
  return isBlock ? [`${key}:`, ...lines.map((line) => `  ${line}`)] : [`${key}: ${lines[0]}`]
}

function isSequence(value: object): value is readonly Yaml[] {
  return Array.isArray(value)
}

/** Quotes every string that YAML could read as another value, such as `no`, `10s`, `e0` or `a: b`. */
function scalar(value: string | number | boolean): string {
  if (typeof value !== 'string') return String(value)
  if (
    /^[a-z/]([\w./:-]*[\w./-])?$/i.test(value) &&
    !/^(true|false|null|yes|no|on|off|y|n|e-?\d+)$/i.test(value)
  )
    return value
  return JSON.stringify(value).replaceAll(
    /[^\x20-\x7e]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`
  )
}
