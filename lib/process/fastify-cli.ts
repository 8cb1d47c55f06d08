import { readFileSync, realpathSync } from 'node:fs'
import { join, sep } from 'node:path'
import { parseArgs } from 'node:util'
import type { Wanted } from './signals.ts'

// `fastify start` has a close-with-grace of its own. At the first signal or crash it calls `app.close()`. It
// exits when that is done, after 500 ms, at any second signal, or at any stray rejection. Its apps do not log
// at the level of these messages by default.

/** What fastify-cli waits where nobody says otherwise, in ms. */
const defaultDelay = 500

/** Signals that nobody listens to but a close-with-grace that was left to its defaults. */
const telling: readonly NodeJS.Signals[] = ['SIGILL', 'SIGTRAP', 'SIGSEGV']

/** Whether this process is a `fastify start`, or the child of one that watches. */
export function isRunByFastifyCLI(script: string | undefined = process.argv[1]): boolean {
  try {
    return realpathSync(script as string).includes(join(sep, 'node_modules', 'fastify-cli', sep))
  } catch {
    return false
  }
}

/**
 * Takes from fastify-cli what this app listens to itself, because its handler would exit in the middle of the
 * shutdown. Signals that the app does not ask for are left to it.
 */
export function takeOver({ signals, crashes }: Wanted): void {
  const errors = ['uncaughtException', 'unhandledRejection'] as const
  const onSignal = onlyListenerOf(telling)
  const onError = onlyListenerOf(errors)
  if (onSignal !== undefined) for (const signal of signals) process.removeListener(signal, onSignal)
  if (crashes && onError !== undefined) for (const error of errors) process.removeListener(error, onError)
}

/** After how many ms fastify-cli ends the process at a signal, where the signals are still its own. */
export function graceDelay(env: NodeJS.ProcessEnv, commandLine = '/proc/self/cmdline'): number | undefined {
  const onSignal = onlyListenerOf(telling)
  if (onSignal === undefined || !process.listeners('SIGTERM').includes(onSignal)) return undefined
  return Number(delayIn(argumentsIn(commandLine)) ?? env['FASTIFY_CLOSE_GRACE_DELAY'] ?? defaultDelay)
}

/** fastify-cli takes its arguments out of `process.argv`; the system still knows them. */
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
