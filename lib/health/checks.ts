import { FST_LIFECYCLE_CHECK_DUPLICATE } from '../errors.ts'
import type { Complete } from '../validation/complete.ts'
import { aBoolean, aRecord, invalid, isName, milliseconds, oneOf, onlyKeys } from '../validation/validate.ts'
import { Check, type CheckEvent, type CheckFunction, type CheckOptions, type Probe } from './check.ts'

const probes: readonly Probe[] = ['live', 'ready', 'startup']

/** All checks of an app. */
export class Checks {
  readonly #checks = new Map<string, Check>()
  readonly #onChange: (event: CheckEvent) => void

  constructor(onChange: (event: CheckEvent) => void) {
    this.#onChange = onChange
  }

  add(name: string, check: CheckFunction | CheckOptions): void {
    const checked = checkOf(name, check)
    if (this.#checks.has(name)) throw new FST_LIFECYCLE_CHECK_DUPLICATE(name)
    this.#checks.set(name, new Check(name, checked, this.#onChange))
  }

  /** Runs each check of this probe whose result is too old. Returns `undefined` if there is no such check. */
  refresh(probe: Probe): Promise<unknown> | undefined {
    const running = this.of(probe).flatMap((check) => check.refresh() ?? [])
    return running.length === 0 ? undefined : Promise.all(running)
  }

  of(probe: Probe): Check[] {
    return [...this.#checks.values()].filter(({ options }) => options.probe === probe)
  }

  /** Whether no critical check of this probe is known to fail. */
  areGood(probe: Probe, excluded?: ReadonlySet<string>): boolean {
    return this.of(probe).every(
      ({ name, state, options }) => state !== 'failing' || !options.critical || excluded?.has(name) === true
    )
  }

  has(probe: Probe, name: string): boolean {
    return this.#checks.get(name)?.options.probe === probe
  }

  /** Whether this check is not known to fail. It does not matter whether the check is critical. */
  isGood(probe: Probe, name: string): boolean {
    return this.has(probe, name) && this.#checks.get(name)?.state !== 'failing'
  }
}

/** Checks the option `checks`. */
export function checksOf(value: unknown): Readonly<Record<string, CheckOptions>> {
  return Object.fromEntries(aRecord('checks', value).map(([name, check]) => [name, checkOf(name, check)]))
}

/** Checks the options of a check, and fills the defaults in. */
function checkOf(name: unknown, declared: unknown): Complete<CheckOptions> {
  if (!isName(name)) {
    throw invalid(
      'check',
      'a name that is a string and not empty, of at most 200 bytes, before its function',
      name
    )
  }
  const path = `checks.${name}`
  const given = typeof declared === 'function' ? { check: declared as CheckFunction } : declared
  if (typeof given !== 'object' || given === null) {
    throw invalid(
      path,
      'a function, or an object { check, timeout, ttl, critical, failureThreshold, probe }',
      declared
    )
  }
  const options = onlyKeys(path, given, [
    ...(['check', 'timeout', 'ttl', 'critical', 'failureThreshold', 'probe'] as const)
  ])
  const { check, timeout = 1_000, ttl = 1_000, critical = true, probe = 'ready' } = options
  const { failureThreshold = 1 } = options
  if (typeof check !== 'function') throw invalid(`${path}.check`, 'a function', check)
  return {
    check: check as CheckFunction,
    timeout: milliseconds(`${path}.timeout`, timeout),
    ttl: milliseconds(`${path}.ttl`, ttl),
    critical: aBoolean(`${path}.critical`, critical),
    failureThreshold: aCount(`${path}.failureThreshold`, failureThreshold),
    probe: oneOf(`${path}.probe`, probe, probes)
  }
}

function aCount(option: string, value: unknown): number {
  if (Number.isSafeInteger(value) && (value as number) >= 1) return value as number
  throw invalid(option, 'a whole number, at least 1', value)
}
