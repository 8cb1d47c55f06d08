import type { Conflict } from '../../deployment/conflict.ts'

/** Checks that requests are sent to the port that the app listens on, if that port is known. */
export function unservedRule(what: string, ports: readonly number[], own: number | undefined): Conflict[] {
  if (own === undefined || ports.length === 0 || ports.includes(own)) return []
  return [
    {
      rule: 'port-unserved',
      severity: 'warning',
      is: `${what} port ${[...new Set(ports)].join(' and ')}, and the app listens on ${own}`,
      follows: 'nobody listens there, so every request is refused',
      write: `Write ${own}`
    }
  ]
}
