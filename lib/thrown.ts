import { inspect } from 'node:util'
import type { ErrorReport } from './report.ts'

// Anything can be thrown, also what throws when it is looked at, and nothing of it may keep the shutdown from
// being reported.

/** An error, as far as it can be read. */
export function errorReportOf(error: unknown): ErrorReport {
  if (!attempt(() => error instanceof Error, false)) return { name: 'NotAnError', message: textOf(error) }
  const read = (key: keyof NodeJS.ErrnoException, otherwise?: string) =>
    attempt<unknown>(() => (error as NodeJS.ErrnoException)[key], otherwise)
  const [code, stack] = [read('code'), read('stack')]
  return {
    name: textOf(read('name', unreadable)),
    message: textOf(read('message', unreadable)),
    ...(typeof code === 'string' && { code }),
    ...(typeof stack === 'string' && { stack })
  }
}

/** What was thrown, or a part of it, as text. */
export function textOf(value: unknown, depth = 1): string {
  return typeof value === 'string' ? value : attempt(() => inspect(value, { depth }), unreadable)
}

const unreadable = 'what was thrown throws when it is looked at'

function attempt<T>(look: () => T, otherwise: T): T {
  try {
    return look()
  } catch {
    return otherwise
  }
}
