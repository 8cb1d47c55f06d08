import { readFileSync, realpathSync } from 'node:fs'
import { join, sep } from 'node:path'
import { parseArgs } from 'node:util'
import type { Wanted } from './signals.ts'

// `fastify start` uses its own copy of close-with-grace. At the first signal or crash, that copy calls
// `app.close()`. It exits when the close is done, after 500 ms, at any second signal, or at any unhandled
// rejection. By default, the log level of these apps hides the messages of that copy.

/** How long fastify-cli waits by default, in ms. */
const defaultDelay = 500

/** Signals that only close-with-grace with its default options listens to. */
const telling: readonly NodeJS.Signals[] = ['SIGILL', 'SIGTRAP', 'SIGSEGV']

/** Whether this process runs `fastify start`, or is the child process of `fastify start --watch`. */
export function isRunByFastifyCLI(script: string | undefined = process.argv[1]): boolean {
  try {
    return realpathSync(script as string).includes(join(sep, 'node_modules', 'fastify-cli', sep))
  } catch {
    return false
  }
}

/**
 * Removes fastify-cli's handlers for the events that this app listens to, because they would exit in the middle
 * of the shutdown. fastify-cli keeps the signals that the app does not listen to.
 */
export function takeOver({ signals, crashes }: Wanted): void {
  const errors = ['uncaughtException', 'unhandledRejection'] as const
  const onSignal = onlyListenerOf(telling)
  const onError = onlyListenerOf(errors)
  if (onSignal !== undefined) for (const signal of signals) process.removeListener(signal, onSignal)
  if (crashes && onError !== undefined) for (const error of errors) process.removeListener(error, onError)
}

/**
 * After how many ms fastify-cli ends the process at a signal; `undefined` if fastify-cli no longer listens to
 * SIGTERM.
 */
export function graceDelay(env: NodeJS.ProcessEnv, commandLine = '/proc/self/cmdline'): number | undefined {
  const onSignal = onlyListenerOf(telling)
  if (onSignal === undefined || !process.listeners('SIGTERM').includes(onSignal)) return undefined
  return Number(delayIn(argumentsIn(commandLine)) ?? env['FASTIFY_CLOSE_GRACE_DELAY'] ?? defaultDelay)
}

/**
 * The arguments of the process. fastify-cli removes its own from `process.argv`, but the system still has them.
 */
function argumentsIn(file: string): string[] {
  try {
    return readFileSync(file, 'utf8').split('\0')
  } catch {
    return []
  }
}

function delayIn(args: string[]): unknown {
  const options = { 'close-grace-delay': { type: 'string', short: 'g' } } as const
  return parseArgs({ args, options, strict: false }).values['close-grace-delay']
}

type Listener = (...given: unknown[]) => void

/** The one function that listens to all of these events. If there are several, one of them may be the app's. */
function onlyListenerOf(events: readonly string[]): Listener | undefined {
  const [first, ...others] = events.map((event) => process.listeners(event as NodeJS.Signals) as Listener[])
  const common = (first as Listener[]).filter((listener) => others.every((list) => list.includes(listener)))
  return common.length === 1 ? common[0] : undefined
}
