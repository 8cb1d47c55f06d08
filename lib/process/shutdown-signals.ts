import { anArray, oneOf } from '../validation/validate.ts'

/** A signal that can start a shutdown. */
export type ShutdownSignal = 'SIGTERM' | 'SIGINT' | 'SIGHUP' | 'SIGQUIT' | 'SIGUSR2' | 'SIGBREAK'

const names: readonly ShutdownSignal[] = ['SIGTERM', 'SIGINT', 'SIGHUP', 'SIGQUIT', 'SIGUSR2', 'SIGBREAK']

/** Checks the option `signals`. */
export function signalsOf(value: readonly ShutdownSignal[] | false): readonly ShutdownSignal[] {
  if (value === false) return []
  const signals = anArray('signals', 'an array of signal names, or false', value)
  return signals.map((signal, index) => oneOf(`signals[${index}]`, signal, names))
}
