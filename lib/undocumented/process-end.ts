import { accessSync, constants } from 'node:fs'

// Undocumented behaviour of Node.js at the end of a process.

/** The members of `process` that concern its end. */
export interface EndingProcess extends NodeJS.EventEmitter {
  exitCode?: number | string | null | undefined
  readonly execPath: string
  readonly permission?: { has(scope: string): boolean }
  chdir(directory: string): void
  reallyExit?(code: number): void
  /** Exists in Node.js 22.15 and later, but not on Windows. */
  execve?(file: string, args: readonly string[], env: object): void
  readonly _exiting?: boolean
}

/**
 * `process.exit()` calls `process.reallyExit` after the `'exit'` listeners. Replaces `process.reallyExit` by
 * `end`, and gives `end` the original function. Returns a function that undoes this, unless other code has
 * replaced `reallyExit` since then.
 */
export function replaceReallyExit(
  target: EndingProcess,
  end: (code: number | undefined, really: (code: number) => void) => void
): () => void {
  const { reallyExit } = target
  if (typeof reallyExit !== 'function') return () => {}
  const replacement = (code?: number) => end(code, (last) => reallyExit.call(target, last))
  target.reallyExit = replacement
  return () => {
    if (target.reallyExit === replacement) target.reallyExit = reallyExit
  }
}

/** Whether the process is really ending. Otherwise, other code has emitted the `'exit'` event. */
export function isExiting(target: EndingProcess): boolean {
  return target._exiting === true
}

/**
 * Replaces the process by a program that only exits with this code, so the threads that held the exit end at
 * once. Calls `before` just before that. Returns if the process cannot be replaced. Checks the programs first,
 * because Node.js 22 and 24 abort if a program cannot be executed.
 */
export function replaceProcess(
  target: EndingProcess,
  code: number,
  before: () => void,
  shell = '/bin/sh'
): void {
  if (target.execve === undefined || target.permission?.has('child') === false) return
  const last = code & 255
  const [file, ...args] =
    // A shell starts ten times faster than Node.js.
    isExecutable(shell) ? [shell, '-c', `exit ${last}`] : [target.execPath, '-e', `process.exit(${last})`]
  if (!isExecutable(file as string)) return
  try {
    // The current working directory may have been deleted.
    target.chdir('/')
    before()
    target.execve(file as string, [file as string, ...args], {})
  } catch {
    // The watchdog still kills the process.
  }
}

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK)
    return true
  } catch {
    return false
  }
}
