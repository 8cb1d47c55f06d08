import { longest, shorten } from '../lib/bounds.ts'
import type { Terminal } from './terminal.ts'

/** 0: nothing is wrong. 1: something is wrong. 2: the command cannot be understood or carried out. 130: Ctrl-C. */
export type ExitCode = 0 | 1 | 2 | 130

/** One command of `fastify-lifecycle`. `Given` is the type of its parsed arguments. */
export interface Command<Given = unknown> {
  /** The text of `--help`. */
  readonly help: string
  /** Parses the arguments of the command. Throws a `UsageError`, or a coded error, if it cannot. */
  read(args: readonly string[]): Given
  /** Runs the command. A thrown `UsageError` or coded error is shown without its stack, with exit code 2. */
  run(given: Given, terminal: Terminal): ExitCode | Promise<ExitCode>
}

/** A mistake that the user can correct. It is shown as a sentence, without a stack. */
export class UsageError extends Error {}

/** Thrown if the command line asks for the help. */
export class HelpWanted extends Error {}

/** Quotes the text of the user for a message. */
export function quoted(text: string): string {
  return `'${shorten(text, longest.name)}'`
}
