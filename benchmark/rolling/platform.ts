import type { End } from './instance.ts'

/** What runs the instances and sends them their requests. */
export interface Platform {
  /** Where clients connect to. */
  readonly port: number
  /** Puts a new instance in the place of one of them, and resolves when the next one may go. */
  replace(index: number): Promise<End>
  /** What the balancer itself said of requests that did not end well. */
  troubles(): Record<string, number>
}
