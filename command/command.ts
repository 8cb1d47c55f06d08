import { longest, shorten } from '../lib/bounds.ts'
import type { Terminal } from './terminal.ts'

/** 0: nothing is wrong. 1: something is wrong. 2: the command cannot be understood or carried out. 130: Ctrl-C. */
export type ExitCode = 0 | 1 | 2 | 130

/** One word behind `fastify-lifecycle`. `Given` is what its part of the command line means. */
export interface Command<Given = unknown> {
  /** The text of `--help`. */
  readonly help: string
  /** Understands what follows the word. Throws a `UsageError`, or a coded error, if it cannot. */
  read(args: readonly string[]): Given
  /** Does it. A thrown `UsageError` or coded error is shown without its stack, with exit code 2. */
  run(given: Given, terminal: Terminal): ExitCode | Promise<ExitCode>
}

/** Something that the user can mend: shown as a sentence, without a stack. */
export class UsageError extends Error {}

/** Thrown where the command line asks for the help instead. */
export class HelpWanted extends Error {}

/** What the user has written, for a message. */
export function quoted(text: string): string {
  return `'${shorten(text, longest.name)}'`
}
