import type { Conflict } from '../../deployment/conflict.ts'

/**
 * The conflict for a proxy that sends requests again which a server may already have handled. Only requests that are
 * safe to repeat may be sent again.
 */
export function repeatedRule(what: string, write: string): Conflict {
  return {
    rule: 'request-repeated',
    severity: 'warning',
    is: `${what} sends a request again that a server may have worked on, POSTs too`,
    follows: 'what a server has done just before it ended is done twice',
    write
  }
}
