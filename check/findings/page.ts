import type { Conflict, Severity } from '../../deployment/conflict.ts'
import { type Position, start } from '../tree/tree.ts'
import type { Finding, LeftOut } from './finding.ts'

/** What is said about one file. */
export class Page {
  readonly file: string
  readonly findings: Finding[] = []
  readonly leftOut: LeftOut[] = []
  #isRead = false

  constructor(file: string) {
    this.file = file
  }

  say(at: Position, subject: string, conflicts: readonly Conflict[]): void {
    this.#isRead = true
    for (const conflict of conflicts) this.findings.push({ ...conflict, file: this.file, ...at, subject })
  }

  /** What cannot be read is said like what is wrong. */
  cannotRead(
    at: Position,
    subject: string,
    reason: string,
    remedy: string,
    severity: Severity = 'warning'
  ): void {
    this.say(at, subject, [
      {
        rule: 'cannot-be-read',
        severity,
        is: `This cannot be read: ${reason}`,
        follows: 'nobody has checked it',
        write: remedy
      }
    ])
  }

  /** There was something to look at, though no rule is about it. */
  see(): void {
    this.#isRead = true
  }

  /** Where nothing was found to look at, that is said. */
  sayNothing(): void {
    if (!this.#isRead) this.leaveOut(start, 'The file', 'nothing in it is about an app or its requests')
  }

  leaveOut(at: Position, subject: string, why: string): void {
    this.#isRead = true
    this.leftOut.push({ file: this.file, line: at.line, subject, why })
  }
}
