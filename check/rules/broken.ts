import type { Conflict } from '../../deployment/conflict.ts'
import { wordsOf } from '../commands/words.ts'

/** A command, and the form in which the file has it. */
export interface Form {
  readonly form: 'exec' | 'shell' | 'broken'
  readonly words: readonly string[]
}

/** Checks that a command in brackets is a list, and that each item is one word. */
export function brokenRule({ form, words }: Form, written: (words: readonly string[]) => string): Conflict[] {
  const conflict = { rule: 'command-broken', severity: 'error' } as const
  if (form === 'broken') {
    const text = words.at(-1) ?? ''
    return [
      {
        ...conflict,
        is: 'The command is in brackets, but is not JSON',
        follows: 'a shell gets it as text, finds no program of that name, and the app does not start',
        write: `Write a list with double quotes: ${written(meant(text))}`
      }
    ]
  }
  const [only = ''] = words
  if (form !== 'exec' || words.length !== 1 || !/\s/.test(only.trim())) return []
  return [
    {
      ...conflict,
      is: 'The whole command is one word',
      follows: 'there is no program of that name, and the app does not start',
      write: `Write each word by itself: ${written(wordsOf(only))}`
    }
  ]
}

function meant(text: string): readonly string[] {
  const words = wordsOf(text.replaceAll(/[[\],]/g, ' '))
  return words.length === 0 ? ['node', 'server.js'] : words
}
