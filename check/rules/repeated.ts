import type { Conflict } from '../../deployment/conflict.ts'

/** A request that may have been worked on must not be sent again, unless it may be done twice. */
export function repeatedRule(what: string, write: string): Conflict {
  return {
    rule: 'request-repeated',
    severity: 'warning',
    is: `${what} sends a request again that a server may have worked on, POSTs too`,
    follows: 'what a server has done just before it ended is done twice',
    write
  }
}
