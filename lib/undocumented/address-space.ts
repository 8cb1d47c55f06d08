import { readFileSync } from 'node:fs'

/**
 * How many bytes of address space a limit such as `ulimit -v` leaves to the process. Infinite if there is no
 * limit, or if the system does not tell.
 */
export function freeAddresses(directory = '/proc/self'): number {
  try {
    const limit = numberIn(`${directory}/limits`, /^Max address space +(\d+)/m)
    const used = numberIn(`${directory}/status`, /^VmSize:\s+(\d+) kB/m) * 1_024
    return Number.isNaN(limit - used) ? Number.POSITIVE_INFINITY : limit - used
  } catch {
    return Number.POSITIVE_INFINITY
  }
}

function numberIn(file: string, pattern: RegExp): number {
  return Number(pattern.exec(readFileSync(file, 'utf8'))?.[1])
}
