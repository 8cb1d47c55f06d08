import type { Conflict, Severity } from '../../deployment/conflict.ts'
import { type Position, start } from '../tree/tree.ts'
import type { Finding, LeftOut } from './finding.ts'

/** Collects the findings about one file. */
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

  /** Reports a part that cannot be read, like any other finding. */
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
        follows: 'it was not checked',
        write: remedy
      }
    ])
  }

  /** Notes that the file has something to check, even if no rule applies to it. */
  see(): void {
    this.#isRead = true
  }

  /** Reports that the file has nothing to check, if that is so. */
  sayNothing(): void {
    if (!this.#isRead) this.leaveOut(start, 'The file', 'nothing in it is about an app or its requests')
  }

  leaveOut(at: Position, subject: string, why: string): void {
    this.#isRead = true
    this.leftOut.push({ file: this.file, line: at.line, subject, why })
  }
}
