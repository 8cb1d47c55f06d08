import type { Conflict } from '../../deployment/conflict.ts'

/**
 * The conflict for a proxy that repeats requests, although a server may already have handled them. Only
 * requests that are safe to repeat may be sent again.
 */
export function repeatedRule(what: string, write: string): Conflict {
  return {
    rule: 'request-repeated',
    severity: 'warning',
    is: `${what} repeats a request that a server may have worked on, even a POST`,
    follows: 'work that a server did just before it ended is done twice',
    write
  }
}
