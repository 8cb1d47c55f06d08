import closeWithGrace from 'close-with-grace'
import { longest, shorten, shown } from '../bounds.ts'
import { attempt } from '../validation/read.ts'
import type { ShutdownSignal } from './shutdown-signals.ts'

// The only file that knows close-with-grace, and the only one that listens to the process.

/** What to listen to. */
export interface Wanted {
  readonly signals: readonly ShutdownSignal[]
  readonly crashes: boolean
}

/** What to listen to, and who hears of it. */
export interface ProcessEvents extends Wanted {
  /** Called for the first signal and for each one after it. */
  onSignal(signal: NodeJS.Signals): void
  onCrash(type: NodeJS.UncaughtExceptionOrigin, error: unknown): void
}

/** A function of somebody else that hears a signal, too. */
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
  /** Everybody else who listens to the same signals now. */
  contenders(): readonly Contender[]
  /** Leaves nothing behind. */
  stop(): void
}

/** Listens to the process until it is told to stop. */
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

/** What a listener is called, and what its source says, as short as one can read it. */
export function describeListener(listener: object): string {
  const source = attempt(() => Function.prototype.toString.call(listener), '').replaceAll(/\s+/g, ' ')
  const name = attempt(() => String(Reflect.get(listener, 'name')), '')
  const isKnown = source !== '' && !source.includes('[native code]')
  return shorten(shown(isKnown ? source : name), longest.source) || '(anonymous)'
}

/** The listeners of all versions of this package, which do not contest each other's signals. */
const isOurs: symbol = Symbol.for('fastify-lifecycle.signalListener')

function contendersFor(signal: ShutdownSignal): Contender[] {
  const others = process.listeners(signal).filter((listener) => !(isOurs in listener))
  return others.map((listener) => ({ signal, listener }))
}

function watchSignals({ signals, onSignal }: ProcessEvents): () => void {
  const graceful = graceSignals.filter((signal) => signals.some((wanted) => wanted === signal))

  let begun = false
  // Hears the later signals, and SIGBREAK, which exists on Windows only and which close-with-grace does not
  // know. It stays from the beginning to the end. In a moment without any listener, the next signal of a
  // burst would kill the process, which is its default action.
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

/** close-with-grace exits the process as soon as its callback has settled; the exit is not its to make. */
const forever = new Promise<never>(() => {})

/**
 * A listener that ends the process at once must find the shutdown begun: only then its exit is noticed and logged.
 * So close-with-grace's listener, which was added last, comes before those of others, and `onEach` before it.
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
 * On the first signal close-with-grace puts listeners in place that exit at once at a second one,
 * whatever it is. What a repeated signal means, the coordinator decides. They were
 * added in this very tick, so they are the last.
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
