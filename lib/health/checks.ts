import { FST_LIFECYCLE_CHECK_DUPLICATE } from '../errors.ts'
import { aBoolean, anObject, invalid, milliseconds, oneOf, onlyKeys } from '../validate.ts'
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

  /** Has every check of this probe run whose result is too old. Returns nothing where none is. */
  refresh(probe: Probe): Promise<unknown> | undefined {
    const running = this.of(probe).flatMap((check) => check.refresh() ?? [])
    return running.length === 0 ? undefined : Promise.all(running)
  }

  of(probe: Probe): Check[] {
    return [...this.#checks.values()].filter(({ options }) => options.probe === probe)
  }

  /** Whether no critical check of this probe fails, as far as is known. */
  areGood(probe: Probe): boolean {
    return this.of(probe).every(({ state, options }) => state !== 'failing' || !options.critical)
  }
}

/** Checks what a check was declared with, and fills the defaults in. */
function checkOf(name: unknown, declared: unknown): Required<CheckOptions> {
  if (typeof name !== 'string' || name === '') {
    throw invalid('check', 'a name that is a string and not empty, before its function', name)
  }
  const path = `checks.${name}`
  const given = typeof declared === 'function' ? { check: declared as CheckFunction } : declared
  if (typeof given !== 'object' || given === null) {
    throw invalid(path, 'a function, or an object { check, timeout, ttl, critical, probe }', declared)
  }
  onlyKeys(path, anObject(path, given), ['check', 'timeout', 'ttl', 'critical', 'probe'])
  const { check, timeout = 1_000, ttl = 1_000, critical = true, probe = 'ready' } = given as CheckOptions
  if (typeof check !== 'function') throw invalid(`${path}.check`, 'a function', check)
  return {
    check,
    timeout: milliseconds(`${path}.timeout`, timeout),
    ttl: milliseconds(`${path}.ttl`, ttl),
    critical: aBoolean(`${path}.critical`, critical),
    probe: oneOf(`${path}.probe`, probe, probes)
  }
}
