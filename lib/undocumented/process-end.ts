import { accessSync, constants } from 'node:fs'

// What Node.js does at the end of a process, and does not document.

/** The process, as far as its end is concerned. */
export interface EndingProcess extends NodeJS.EventEmitter {
  exitCode?: number | string | null | undefined
  readonly execPath: string
  readonly permission?: { has(scope: string): boolean }
  chdir(directory: string): void
  reallyExit?(code: number): void
  /** Node.js 22.15 and later, and not on Windows. */
  execve?(file: string, args: readonly string[], env: object): void
  readonly _exiting?: boolean
}

/**
 * `process.exit()` calls `process.reallyExit` after the `'exit'` listeners. Replaces it by `end`, and gives
 * `end` the function that was there. Returns a function that undoes this, unless other code has replaced it
 * again.
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

/** Whether the process is really ending, and no other code has emitted its `'exit'` event. */
export function isExiting(target: EndingProcess): boolean {
  return target._exiting === true
}

/**
 * Replaces the process by one that does nothing but exit with this code: the threads that held it are gone
 * at once. Calls `before` just before that. Returns if that is impossible. Checks the targets first, because
 * Node.js 22 and 24 abort if a target cannot be executed.
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
    // A shell starts in a tenth of the time that Node.js takes.
    isExecutable(shell) ? [shell, '-c', `exit ${last}`] : [target.execPath, '-e', `process.exit(${last})`]
  if (!isExecutable(file as string)) return
  try {
    // The working directory may have been deleted.
    target.chdir('/')
    before()
    target.execve(file as string, [file as string, ...args], {})
  } catch {
    // The watchdog is left.
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
