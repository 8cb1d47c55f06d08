import type { Conflict } from '../../deployment/conflict.ts'
import { nearest } from '../../lib/validation/nearest.ts'
import type { Page } from '../findings/page.ts'
import { entriesOf, type Tree } from '../tree/tree.ts'

/** Reports an unknown key that is similar to an important key: a typing mistake, which the platform ignores. */
export function misspelt(
  page: Page,
  subject: string,
  mapping: Tree | undefined,
  read: readonly string[],
  others: readonly string[] = []
): void {
  const keys = entriesOf(mapping).map(([key]) => key)
  for (const [key, { at }] of entriesOf(mapping)) {
    if (read.includes(key) || others.includes(key) || key.startsWith('x-')) continue
    const meant = nearest(key, [...read, ...others])
    if (meant !== undefined && read.includes(meant) && !keys.includes(meant)) {
      page.say(at, subject, [slip(key, meant)])
    }
  }
}

/** A key that was most likely meant to be another key. */
export function slip(key: string, meant: string): Conflict {
  return {
    rule: 'key-misspelt',
    severity: 'error',
    is: `\`${key}\` is not a known key here`,
    follows: 'it is ignored, and the default is used',
    write: `Did you mean \`${meant}\`?`
  }
}

/** A key in a place where the platform does not read it. */
export function misplaced(key: string, where: string, follows: string): Conflict {
  return {
    rule: 'key-misplaced',
    severity: 'error',
    is: `\`${key}\` stands where it is not read`,
    follows,
    write: `Move it to ${where}`
  }
}
