import closeWithGrace from 'close-with-grace'
import { longest, shorten, shown } from '../bounds.ts'
import { attempt } from '../validation/read.ts'
import type { ShutdownSignal } from './shutdown-signals.ts'

// Only this file uses close-with-grace, and only this file listens to the process.

/** The events of the process to listen to. */
export interface Wanted {
  readonly signals: readonly ShutdownSignal[]
  readonly crashes: boolean
}

/** The events of the process to listen to, and the callbacks for them. */
export interface ProcessEvents extends Wanted {
  /** Called for the first signal and for each one after it. */
  onSignal(signal: NodeJS.Signals): void
  onCrash(type: NodeJS.UncaughtExceptionOrigin, error: unknown): void
}

/** A listener of other code for one of these signals. */
export interface Contender {
  readonly signal: ShutdownSignal
  readonly listener: object
}

type GraceSignal = closeWithGrace.Signals

// biome-ignore format: a list of names
const graceSignals: readonly GraceSignal[] = [
  'SIGHUP', 'SIGINT', 'SIGQUIT', 'SIGILL', 'SIGTRAP', 'SIGABRT', 'SIGBUS', 'SIGFPE', 'SIGSEGV', 'SIGUSR2', 'SIGTERM'
]

/** A watch over the process. */
export interface Watch {
  /** The listeners of other code for the same signals, as they are now. */
  contenders(): readonly Contender[]
  /** Removes all listeners of this watch. */
  stop(): void
}

/** Listens to the process until `stop` is called. */
export function watchProcess(events: ProcessEvents): Watch {
  const stopSignals = watchSignals(events)
  const stopCrashes = events.crashes ? watchCrashes(events) : () => {}
  return {
    contenders: () => events.signals.flatMap(contendersFor),
    stop() {
      stopSignals()
      stopCrashes()
    }
  }
}

/** Describes a listener by a short piece of its source, or by its name if there is no source. */
export function describeListener(listener: object): string {
  const source = attempt(() => Function.prototype.toString.call(listener), '').replaceAll(/\s+/g, ' ')
  const name = attempt(() => String(Reflect.get(listener, 'name')), '')
  const isKnown = source !== '' && !source.includes('[native code]')
  return shorten(shown(isKnown ? source : name), longest.source) || '(anonymous)'
}

/** Marks the listeners of all versions of this package. They do not count as contenders of each other. */
const isOurs: symbol = Symbol.for('fastify-lifecycle.signalListener')

function contendersFor(signal: ShutdownSignal): Contender[] {
  const others = process.listeners(signal).filter((listener) => !(isOurs in listener))
  return others.map((listener) => ({ signal, listener }))
}

function watchSignals({ signals, onSignal }: ProcessEvents): () => void {
  const graceful = graceSignals.filter((signal) => signals.some((wanted) => wanted === signal))

  let begun = false
  // Receives each signal after the first. It also receives SIGBREAK, which exists on Windows only and which
  // close-with-grace does not know. This listener stays from the beginning to the end. In a moment without any
  // listener, the next signal of a burst would kill the process.
  const onEach = (signal: NodeJS.Signals) => {
    if (begun || !graceful.some((known) => known === signal)) onSignal(signal)
  }
  for (const signal of signals) process.prependListener(signal, mark(onEach))
  const before = new Map(graceful.map((signal) => [signal, new Set(process.listeners(signal))]))

  const grace = closeWithGrace({ delay: false, logger: false, skip: skipAllBut(graceful) }, ({ signal }) => {
    begun = true
    for (const each of graceful) removeSecondStage(each, before.get(each) as ReadonlySet<unknown>)
    onSignal(signal as NodeJS.Signals)
    return forever
  })
  for (const signal of graceful) moveToFront(signal, onEach)
  return () => {
    grace.uninstall()
    for (const signal of signals) process.removeListener(signal, onEach)
  }
}

function skipAllBut(signals: readonly GraceSignal[]): NonNullable<closeWithGrace.Options['skip']> {
  const others = graceSignals.filter((signal) => !signals.includes(signal))
  return [...others, 'uncaughtException', 'unhandledRejection', 'beforeExit']
}

/**
 * close-with-grace exits the process as soon as its callback has settled. The coordinator makes the exit
 * instead, so the callback never settles.
 */
const forever = new Promise<never>(() => {})

/**
 * Other code may have a listener that ends the process at once. The shutdown must have begun before that
 * listener runs: only then the exit is noticed and logged. So this moves close-with-grace's listener, which was
 * added last, before all others, and then `onEach` before that.
 */
function moveToFront(signal: GraceSignal, onEach: (signal: NodeJS.Signals) => void): void {
  const listener = process.listeners(signal).at(-1) as (signal: NodeJS.Signals) => void
  process.removeListener(signal, listener)
  process.prependOnceListener(signal, mark(listener))
  process.removeListener(signal, onEach)
  process.prependListener(signal, onEach)
}

function mark<Listener extends object>(listener: Listener): Listener {
  return Object.defineProperty(listener, isOurs, { value: true, configurable: true })
}

/**
 * On the first signal, close-with-grace adds listeners that exit at once at any second signal. This removes
 * them, because the coordinator decides what a repeated signal means. They were added in this same tick, so
 * they are the last listeners.
 */
function removeSecondStage(signal: GraceSignal, before: ReadonlySet<unknown>): void {
  const last = process.listeners(signal).at(-1)
  if (last !== undefined && !before.has(last)) process.removeListener(signal, last)
}

function watchCrashes({ onCrash }: ProcessEvents): () => void {
  const onException = (error: unknown) => onCrash('uncaughtException', error)
  const onRejection = (error: unknown) => onCrash('unhandledRejection', error)
  process.on('uncaughtException', onException)
  process.on('unhandledRejection', onRejection)
  return () => {
    process.removeListener('uncaughtException', onException)
    process.removeListener('unhandledRejection', onRejection)
  }
}
