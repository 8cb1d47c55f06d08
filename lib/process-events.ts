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

/** Listens to the process until the returned function is called, which leaves nothing behind. */
export function watchProcess(events: ProcessEvents): () => void {
  const stops = [watchSignals(events), events.crashes ? watchCrashes(events) : () => {}]
  return () => {
    for (const stop of stops) stop()
  }
}

function watchSignals({ signals, onSignal }: ProcessEvents): () => void {
  const ours = new Set<string>(signals)
  // SIGBREAK exists on Windows only, and close-with-grace does not know it.
  const graceful = graceSignals.filter((signal) => ours.has(signal))
  const others = signals.filter((signal) => !graceful.some((known) => known === signal))
  const before = new Map(graceful.map((signal) => [signal, new Set(process.listeners(signal))]))

  for (const signal of others) process.on(signal, onSignal)
  const grace = closeWithGrace(
    {
      delay: false,
      logger: false,
      skip: [
        ...graceSignals.filter((signal) => !ours.has(signal)),
        'uncaughtException',
        'unhandledRejection',
        'beforeExit'
      ]
    },
    ({ signal }) => {
      for (const signal of graceful) {
        replaceSecondStage(signal, before.get(signal) as ReadonlySet<unknown>, onSignal)
      }
      onSignal(signal as NodeJS.Signals)
      return forever
    }
  )
  return () => {
    grace.uninstall()
    for (const signal of signals) process.removeListener(signal, onSignal)
  }
}

/** close-with-grace exits the process as soon as its callback has settled; the exit is not its to make. */
const forever = new Promise<never>(() => {})

/**
 * On the first signal close-with-grace puts listeners in place that exit at once at a second one,
 * whatever it is. Which signal is a repetition and which means it, the coordinator decides: so
 * ours take their place. They were added in this very tick, so they are the last.
 */
function replaceSecondStage(
  signal: GraceSignal,
  before: ReadonlySet<unknown>,
  onSignal: ProcessEvents['onSignal']
): void {
  const last = process.listeners(signal).at(-1)
  if (last !== undefined && !before.has(last)) process.removeListener(signal, last)
  process.on(signal, onSignal)
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
