import type { TestContext } from 'node:test'
import { cleanup } from './cleanup.ts'

/** Keeps what nobody caught from failing the test, and returns it. */
export function uncaught(t: TestContext): unknown[] {
  const errors: unknown[] = []
  process.setUncaughtExceptionCaptureCallback((error) => errors.push(error))
  cleanup(t, () => process.setUncaughtExceptionCaptureCallback(null))
  return errors
}
