import type { Conflict } from '../../deployment/conflict.ts'

/** A request that a server may already have handled must not be sent again, unless it is safe to repeat. */
export function repeatedRule(what: string, write: string): Conflict {
  return {
    rule: 'request-repeated',
    severity: 'warning',
    is: `${what} sends a request again that a server may have worked on, POSTs too`,
    follows: 'what a server has done just before it ended is done twice',
    write
  }
}
