import closeWithGrace from 'close-with-grace'
import type { ShutdownSignal } from './options.ts'

// The only file that knows close-with-grace, and the only one that listens to the process.

/** What to listen to, and whom to tell. */
export interface ProcessEvents {
  readonly signals: readonly ShutdownSignal[]
  readonly crashes: boolean
  /** Called for the first signal and for each one after it. */
  onSignal(signal: NodeJS.Signals): void
  onCrash(type: NodeJS.UncaughtExceptionOrigin, error: unknown): void
}

type GraceSignal = closeWithGrace.Signals

const graceSignals: readonly GraceSignal[] = [
  'SIGHUP',
  'SIGINT',
  'SIGQUIT',
  'SIGILL',
  'SIGTRAP',
  'SIGABRT',
  'SIGBUS',
  'SIGFPE',
  'SIGSEGV',
  'SIGUSR2',
  'SIGTERM'
]

/** A watch over the process. */
export interface Watch {
  /** The signals that someone else listens to as well. */
  contested(): readonly ShutdownSignal[]
  /** Leaves nothing behind. */
  stop(): void
}

/** Listens to the process until it is told to stop. */
export function watchProcess(events: ProcessEvents): Watch {
  const { contested, stop } = watchSignals(events)
  const stopCrashes = events.crashes ? watchCrashes(events) : () => {}
  return {
    contested,
    stop() {
      stop()
      stopCrashes()
    }
  }
}

function watchSignals({ signals, onSignal }: ProcessEvents): Watch {
  const others = new Map(signals.map((signal) => [signal, process.listenerCount(signal)]))
  const graceful = graceSignals.filter((signal) => signals.some((wanted) => wanted === signal))

  let begun = false
  // Hears the later signals, and SIGBREAK, which exists on Windows only and which close-with-grace
  // does not know. It stays from the beginning to the end: in a moment without any listener,
  // however short, a signal of a burst would have its default action, and kill the process.
  const onEach = (signal: NodeJS.Signals) => {
    if (begun || !graceful.some((known) => known === signal)) onSignal(signal)
  }
  for (const signal of signals) process.on(signal, onEach)
  const before = new Map(graceful.map((signal) => [signal, new Set(process.listeners(signal))]))

  const grace = closeWithGrace({ delay: false, logger: false, skip: skipAllBut(graceful) }, ({ signal }) => {
    begun = true
    for (const each of graceful) removeSecondStage(each, before.get(each) as ReadonlySet<unknown>)
    onSignal(signal as NodeJS.Signals)
    return forever
  })
  const ours = new Map(
    signals.map((signal) => [signal, process.listenerCount(signal) - (others.get(signal) as number)])
  )
  return {
    contested: () => signals.filter((signal) => process.listenerCount(signal) > (ours.get(signal) as number)),
    stop() {
      grace.uninstall()
      for (const signal of signals) process.removeListener(signal, onEach)
    }
  }
}

function skipAllBut(signals: readonly GraceSignal[]): NonNullable<closeWithGrace.Options['skip']> {
  const others = graceSignals.filter((signal) => !signals.includes(signal))
  return [...others, 'uncaughtException', 'unhandledRejection', 'beforeExit']
}

/** close-with-grace exits the process as soon as its callback has settled; the exit is not its to make. */
const forever = new Promise<never>(() => {})

/**
 * On the first signal close-with-grace puts listeners in place that exit at once at a second one,
 * whatever it is. Which signal is an echo and which means it, the coordinator decides. They were
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
