import { longest, shorten } from '../bounds.ts'
import type { ReasonReport } from './report.ts'

/** Why an app shuts down. */
export type ShutdownReason =
  | { readonly type: 'signal'; readonly signal: NodeJS.Signals }
  | { readonly type: 'uncaughtException' | 'unhandledRejection'; readonly error: unknown }
  | { readonly type: 'shutdown'; readonly message?: string }
  | { readonly type: 'close' }

export function isCrash(reason: ShutdownReason): boolean {
  return reason.type === 'uncaughtException' || reason.type === 'unhandledRejection'
}

/** The reason in a few words, for the beginning of log lines. */
export function nameReason(reason: ShutdownReason | ReasonReport): string {
  switch (reason.type) {
    case 'signal':
      return reason.signal
    case 'shutdown':
      return reason.message === undefined
        ? 'lifecycle.shutdown()'
        : `lifecycle.shutdown(): ${shorten(reason.message, longest.message)}`
    case 'close':
      return 'app.close()'
    default:
      return reason.type
  }
}
