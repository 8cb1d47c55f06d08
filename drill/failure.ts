import { UsageError } from '../command/command.ts'
import type { Exit } from './processes/subject.ts'

/** The names of the reasons why a drill cannot be carried out, for programs. */
export type FailureCode =
  | 'not-found'
  | 'exited-early'
  | 'port-taken'
  | 'opened-no-port'
  | 'never-answered'
  | 'not-http'
  | 'never-ready'
  | 'wrong-answer'
  | 'no-such-process'

/** The error of a drill that cannot be carried out. It says what happened, and what to do. */
export class Failure extends UsageError {
  readonly code: FailureCode

  constructor(code: FailureCode, message: string) {
    super(message)
    this.code = code
  }
}

/** The app ended before the signal. `tail` is the last lines that it wrote. */
export function endedUnderLoad({ code, signal }: Exit, tail: string): Failure {
  const end = signal === null ? (code === null ? 'by itself' : `with code ${code}`) : `by ${signal}`
  return new Failure(
    'exited-early',
    `The app ended ${end} under load, before the signal. Its last lines:\n${tail}`
  )
}
