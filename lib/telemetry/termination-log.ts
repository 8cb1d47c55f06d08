import fs from 'node:fs'
import { dirname } from 'node:path'
import { isMainThread } from 'node:worker_threads'
import type { FastifyBaseLogger } from 'fastify'
import { longest, namedAtMost, shorten, shown } from '../bounds.ts'
import { errorReportOf } from '../report/error-report.ts'
import { attempt } from '../validation/read.ts'
import { invalid } from '../validation/validate.ts'
import { say, sayOnStderr } from './say.ts'

// The termination log: a file in which the platform finds the last words of a process. Kubernetes shows it in
// `kubectl describe pod`.

/** The default path of the file in Kubernetes. */
const ofKubernetes = '/dev/termination-log'

/** No system accepts a longer path. */
const longestPath = 4_096

/** Checks the option `terminationLog`, and fills the default in. */
export function terminationLogOf(
  value: string | false | undefined,
  env: NodeJS.ProcessEnv,
  canWrite: (path: string) => boolean = isWritable
): string | false {
  if (value === undefined) {
    return isMainThread && Boolean(env['KUBERNETES_SERVICE_HOST']) && canWrite(ofKubernetes) && ofKubernetes
  }
  const isPath = typeof value === 'string' && value !== '' && !value.includes('\0')
  if (value === false || (isPath && value.length <= longestPath)) return value
  throw invalid('terminationLog', `a path such as '${ofKubernetes}', or false`, value)
}

/** Whether a file can be written or, if it does not exist, made. */
export function isWritable(path: string): boolean {
  const canWrite = (at: string) => attempt(() => fs.accessSync(at, fs.constants.W_OK) === undefined, false)
  return canWrite(path) || (!fs.existsSync(path) && canWrite(dirname(path)))
}

/** Warns at boot if the file cannot be written. At the end it would be too late. */
export function checkTerminationLog(log: FastifyBaseLogger, path: string | false): void {
  if (path === false || isWritable(path)) return
  const line = `the termination log ${path} cannot be written: it will not say how this process ends`
  say(log, 'warn', { code: 'LIFECYCLE_TERMINATION_LOG', path }, line)
}

/** Returns the text of one app, if there is one. `exitCode` is the exit code of the process, once it exits. */
export type LineOf = (exitCode?: number) => string | undefined

interface Line {
  readonly path: string
  readonly textOf: LineOf
}

const { O_WRONLY, O_CREAT, O_TRUNC, O_NONBLOCK } = fs.constants

/** Opening does not wait for a pipe without a reader. */
const flags = O_WRONLY | O_CREAT | O_TRUNC | O_NONBLOCK

/**
 * Writes the last words of all apps of a process, one line for each. It writes the line of an app as soon as the line
 * exists, because the platform may kill the process early. It writes all lines again at the exit, because only then
 * the exit code is known.
 */
export class TerminationLog {
  readonly #lines = new Map<object, Line>()
  readonly #written = new Map<string, string>()
  readonly #process: Pick<NodeJS.Process, 'on' | 'removeListener'>

  constructor(target: Pick<NodeJS.Process, 'on' | 'removeListener'> = process) {
    this.#process = target
  }

  /** From now on, this app has a line in the file if the process exits. */
  add(app: object, path: string, textOf: LineOf): void {
    if (this.#lines.size === 0) this.#process.on('exit', this.#exits)
    this.#lines.set(app, { path, textOf })
    const [oldest] = this.#lines.keys()
    if (this.#lines.size > namedAtMost) this.remove(oldest as object)
  }

  /** Removes the lines of an app whose end does not end the process. */
  remove(app: object): void {
    if (this.#lines.delete(app) && this.#lines.size === 0) this.#process.removeListener('exit', this.#exits)
  }

  /** Writes the lines of all apps that use this file. */
  write(path: string, exitCode?: number): void {
    const lines = [...this.#lines.values()].filter((line) => line.path === path)
    const texts = lines.map(({ textOf }) => textOf(exitCode)).filter((text) => text !== undefined)
    const text = texts.map((each) => `${oneLine(each)}\n`).join('')
    if (this.#written.get(path) === text) return
    this.#written.set(path, text)
    try {
      const file = fs.openSync(path, flags, 0o644)
      fs.writeSync(file, text)
      fs.closeSync(file)
    } catch (error) {
      sayOnStderr(`the termination log ${path} cannot be written: ${errorReportOf(error).message}`, {})
    }
  }

  /** The function has a name, which the watchdog's last line shows if the function blocks. */
  readonly #exits: (exitCode: number) => void = Object.defineProperty(
    (exitCode: number) => {
      for (const path of new Set([...this.#lines.values()].map((line) => line.path)))
        this.write(path, exitCode)
    },
    'name',
    { value: 'terminationLog' }
  )
}

function oneLine(text: string): string {
  return shorten(shown(text), longest.line)
}

/**
 * The number changes whenever the class changes, so that copies of this package with different classes do not share
 * an object.
 */
const key = Symbol.for('fastify-lifecycle.terminationLog.1')

/** The termination log of this process, shared by all copies of this package. */
export function terminationLog(): TerminationLog {
  const shared = globalThis as { [key]?: TerminationLog }
  shared[key] ??= new TerminationLog()
  return shared[key]
}
