import type { FastifyInstance } from 'fastify'
import { FST_LIFECYCLE_HOOK_DUPLICATE, FST_LIFECYCLE_HOOK_TOO_LATE } from '../errors.ts'
import { type HookPhase, hookPhases } from '../phases.ts'
import { nameOf } from '../validation/validate.ts'
import { hookOptionsOf } from './arguments.ts'
import { edgesOf, HookPlan, namedBy } from './graph.ts'
import type { Hook, HookHandler, OnShutdownArguments } from './hook.ts'

/** The shutdown hooks of one root instance, in the order of their registration. */
export class HookRegistry {
  readonly #hooks = new Map<string, Hook>()
  /** The names that hooks have in `dependsOn`. */
  readonly #named = new Set<string>()
  /** The last number that was added to each base name. */
  readonly #numbers = new Map<string, number>()
  readonly #defaultTimeout: number
  #plans: ReadonlyMap<HookPhase, HookPlan> | undefined
  #checked = false
  #sealed = false

  /** The names of the hooks that each signal removes. */
  readonly #takenBackAt = new WeakMap<AbortSignal, string[]>()

  constructor(defaultTimeout: number) {
    this.#defaultTimeout = defaultTimeout
  }

  add(instance: FastifyInstance, args: OnShutdownArguments): void {
    const {
      name,
      handler,
      phase = 'closing',
      timeout = this.#defaultTimeout,
      dependsOn,
      signal
    } = hookOptionsOf(args)
    if (signal?.aborted) return
    const unique = name ?? this.#nameFor(handler)
    if (this.#sealed) throw new FST_LIFECYCLE_HOOK_TOO_LATE(unique)
    if (this.#hooks.has(unique)) throw new FST_LIFECYCLE_HOOK_DUPLICATE(unique)
    const isTakenBack = () => signal?.aborted === true
    const hook: Hook = { name: unique, phase, timeout, dependsOn, isTakenBack, handler, instance }
    if (this.#checked) this.#checkNew(hook)
    for (const other of dependsOn ?? []) this.#named.add(other)
    this.#hooks.set(unique, hook)
    if (signal !== undefined) this.#takeBackAt(signal, unique)
  }

  /** Adds one listener for each signal, not for each hook: above ten listeners, Node.js warns of a leak. */
  #takeBackAt(signal: AbortSignal, name: string): void {
    const names = this.#takenBackAt.get(signal)
    if (names !== undefined) {
      names.push(name)
      return
    }
    const all = [name]
    this.#takenBackAt.set(signal, all)
    signal.addEventListener('abort', () => this.#takeBack(all), { once: true })
  }

  #takeBack(names: readonly string[]): void {
    for (const name of names) this.#hooks.delete(name)
  }

  #checkNew(hook: Hook): void {
    if (hook.dependsOn !== undefined && hook.dependsOn.length > 0) namedBy(hook, this.#all)
    // Other hooks may name an earlier hook of this name, which was removed. With the new hook, their names may
    // form a cycle.
    if (this.#named.has(hook.name)) edgesOf(present([...this.#all, hook]))
  }

  /** Throws if the hooks cannot be ordered. From now on, each new hook is checked when it is added. */
  check(): void {
    edgesOf(this.#all)
    this.#checked = true
  }

  /** From now on, adding a hook is an error, because the shutdown has begun. */
  seal(): void {
    this.#sealed = true
  }

  /** How the hooks of a phase run. */
  plan(phase: HookPhase): HookPlan {
    const plans = this.#plans ?? this.#makePlans()
    // Before the shutdown, more hooks may be added, so the plans are not kept.
    if (this.#sealed) this.#plans = plans
    return plans.get(phase) as HookPlan
  }

  #makePlans(): ReadonlyMap<HookPhase, HookPlan> {
    const edges = this.#edges()
    return new Map(hookPhases.map((phase) => [phase, new HookPlan(phase, edges)]))
  }

  get #all(): Hook[] {
    return [...this.#hooks.values()]
  }

  /** If the boot has failed, hooks that others name may be missing. Then the order is last in, first out. */
  #edges(): ReturnType<typeof edgesOf> {
    try {
      return edgesOf(this.#checked ? present(this.#all) : this.#all)
    } catch {
      return edgesOf(this.#all.map((hook) => ({ ...hook, dependsOn: undefined })))
    }
  }

  /** The name for a hook without a name: that of its function, with a number if the name is taken. */
  #nameFor(handler: HookHandler): string {
    const base = nameOf(handler) ?? 'hook'
    let name = base
    while (this.#hooks.has(name)) {
      const number = (this.#numbers.get(base) ?? 1) + 1
      this.#numbers.set(base, number)
      name = `${base}-${number}`
    }
    return name
  }
}

/** Copies of the hooks whose `dependsOn` names only existing hooks, because no hook waits for a removed one. */
function present(hooks: readonly Hook[]): readonly Hook[] {
  const names = new Set(hooks.map(({ name }) => name))
  const isHere = (name: string) => names.has(name)
  return hooks.map((hook) => {
    const { dependsOn } = hook
    if (dependsOn === undefined || dependsOn.every(isHere)) return hook
    return { ...hook, dependsOn: dependsOn.filter(isHere) }
  })
}
