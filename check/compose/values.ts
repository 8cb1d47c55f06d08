import { expanded } from '../commands/variables.ts'
import { wordsOf } from '../commands/words.ts'
import { entriesOf, itemsOf, type Tree, textOf, wholeOf, within } from '../tree/tree.ts'

/** A text in which the defaults replace the variables. A remaining `$` is a variable without a known value. */
export function plainOf(tree: Tree | undefined): string | undefined {
  const text = textOf(tree)
  return text === undefined ? undefined : interpolated(text)
}

/**
 * Replaces `$$` by `$`, and variables by their defaults. For a required variable without a value, Compose gives
 * an error.
 */
function interpolated(text: string): string {
  return text
    .split('$$')
    .map((part) => expanded(part, new Map()))
    .join('$')
}

/** Whether a value depends on a variable without a default. */
export function isOpen(value: string): boolean {
  return /\$(\w|\{)/.test(value)
}

/** The words of a command: a list, or a text that is split without a shell. */
export function commandWords(tree: Tree | undefined): readonly string[] | undefined {
  if (tree?.kind === 'sequence') {
    const words = tree.items.map(plainOf)
    return words.every((word) => word !== undefined) ? words : undefined
  }
  const text = plainOf(tree)
  return text === undefined ? undefined : wordsOf(text)
}

const units: Readonly<Record<string, number>> = { us: 0.001, ms: 1, s: 1_000, m: 60_000, h: 3_600_000 }

/** A duration such as `1m31s` in ms; `undefined` if Compose does not accept it. */
export function durationOf(text: string): number | undefined {
  if (!/^(\d+(\.\d+)?(us|ms|s|m|h))+$/.test(text)) return undefined
  const parts = [...text.matchAll(/(\d+(?:\.\d+)?)(us|ms|s|m|h)/g)]
  return parts.reduce((sum, [, number, unit]) => sum + Number(number) * (units[unit as string] as number), 0)
}

/** A variable of the service's environment, which is a map or a list. */
export function variableOf(service: Tree, name: string): string | undefined {
  const environment = within(service, 'environment')
  for (const item of itemsOf(environment)) {
    const text = plainOf(item)
    if (text?.startsWith(`${name}=`)) return text.slice(name.length + 1)
  }
  return plainOf(within(environment, name))
}

/** The ports of the container that are published, or named with `expose`. */
export function portsOf(service: Tree): readonly number[] {
  const published = itemsOf(within(service, 'ports')).flatMap((port) => {
    const target = wholeOf(within(port, 'target'))
    if (target !== undefined) return [target]
    const [, last] = /(?:^|:)(\d+)(?:\/tcp)?$/.exec(plainOf(port) ?? '') ?? []
    return last === undefined ? [] : [Number(last)]
  })
  const exposed = itemsOf(within(service, 'expose')).map((port) => Number(plainOf(port)))
  return [...published, ...exposed.filter((port) => port > 0)]
}

/** The keys of a mapping, or the texts of a list. */
export function namesIn(tree: Tree | undefined): readonly string[] {
  return [...entriesOf(tree).map(([name]) => name), ...itemsOf(tree).map((item) => plainOf(item) ?? '')]
}
