import type { FastifyBaseLogger, FastifyInstance } from 'fastify'
import {
  FST_LIFECYCLE_HOOK_DUPLICATE,
  FST_LIFECYCLE_HOOK_INVALID,
  FST_LIFECYCLE_HOOK_TOO_LATE
} from './errors.ts'
import type { Phase } from './phases.ts'
import type { ShutdownReason } from './reason.ts'
import { describe, milliseconds, oneOf, onlyKeys } from './validate.ts'

/** A phase in which shutdown hooks run. */
export type HookPhase = Extract<Phase, 'lameDuck' | 'draining' | 'closing'>

export const hookPhases: readonly HookPhase[] = ['lameDuck', 'draining', 'closing']

/** What a shutdown hook is given. */
export interface HookContext {
  /** The hook's own name. */
  readonly name: string
  /** The phase it runs in. */
  readonly phase: HookPhase
  /** Why the app shuts down. */
  readonly reason: ShutdownReason
  /** Aborts when the hook's time is up: pass it on to whatever can be cancelled. */
  readonly signal: AbortSignal
  /** The hook's limit in ms, clamped to what is left of the budget. */
  readonly timeout: number
  /** A logger whose lines carry the hook's name. */
  readonly log: FastifyBaseLogger
}

/** A shutdown hook's work. `this` is the instance that the hook was registered on. */
export type HookHandler = (this: FastifyInstance, context: HookContext) => unknown

/** How a shutdown hook runs. */
export interface HookSchedule {
  /**
   * The phase it runs in: beside the serving, beside the drain, or when nothing is in flight.
   *
   * @default 'closing'
   */
  phase?: HookPhase
  /**
   * The ms it may take. When they are over it is left behind and reported.
   *
   * @default the plugin's `hookTimeout`
   */
  timeout?: number
}

/** A shutdown hook as one object. */
export interface HookOptions extends HookSchedule {
  /** A name of its own, for the logs and the report. */
  name?: string
  handler: HookHandler
}

/** An object that knows how to dispose of itself. */
export type DisposableResource = AsyncDisposable | Disposable

/** The forms of `app.onShutdown`, which mirror `fastify.get` and `fastify.route`. */
export type OnShutdownArguments =
  | readonly [handler: HookHandler]
  | readonly [name: string, handler: HookHandler]
  | readonly [name: string, schedule: HookSchedule, handler: HookHandler]
  | readonly [hook: HookOptions]
  | readonly [disposable: DisposableResource]

/** A registered hook: every default filled in. */
export interface Hook {
  readonly name: string
  readonly phase: HookPhase
  readonly timeout: number
  readonly handler: HookHandler
  readonly instance: FastifyInstance
}

/** The shutdown hooks of one root instance, in the order of their registration. */
export class HookRegistry {
  readonly #hooks = new Map<string, Hook>()
  readonly #defaultTimeout: number
  #sealed = false

  constructor(defaultTimeout: number) {
    this.#defaultTimeout = defaultTimeout
  }

  /** From now on, registering is an error: the shutdown has begun. */
  seal(): void {
    this.#sealed = true
  }

  add(instance: FastifyInstance, args: OnShutdownArguments): void {
    const { name, handler, phase = 'closing', timeout = this.#defaultTimeout } = hookOptionsOf(args)
    const unique = name ?? this.#nameFor(handler)
    if (this.#sealed) throw new FST_LIFECYCLE_HOOK_TOO_LATE(unique)
    if (this.#hooks.has(unique)) throw new FST_LIFECYCLE_HOOK_DUPLICATE(unique)
    this.#hooks.set(unique, { name: unique, phase, timeout, handler, instance })
  }

  /** The hooks of a phase in the order in which they run: last in, first out. */
  of(phase: HookPhase): readonly Hook[] {
    return [...this.#hooks.values()].filter((hook) => hook.phase === phase).reverse()
  }

  /** A hook without a name gets its function's, numbered where that is taken. */
  #nameFor(handler: HookHandler): string {
    const base = handler.name || 'hook'
    let name = base
    for (let count = 2; this.#hooks.has(name); count++) name = `${base}-${count}`
    return name
  }
}

/** Reads any form of `onShutdown`'s arguments, and checks it. */
function hookOptionsOf(args: OnShutdownArguments): HookOptions {
  const [first] = args as readonly unknown[]
  if (typeof first === 'string') return namedHook(first, args.slice(1))
  if (args.length > 1) throw new FST_LIFECYCLE_HOOK_INVALID('a name before its options', describe(first))
  if (typeof first === 'function') return { handler: checkedHandler(first) }
  if (typeof first !== 'object' || first === null) {
    throw new FST_LIFECYCLE_HOOK_INVALID(
      'a name, a handler, a hook object or a disposable first',
      describe(first)
    )
  }
  return disposableHook(first) ?? checkedHook(first)
}

function namedHook(name: string, rest: readonly unknown[]): HookOptions {
  if (rest.length > 2)
    throw new FST_LIFECYCLE_HOOK_INVALID(`its handler last, after '${name}'`, describe(rest[2]))
  const [schedule, handler] = rest.length > 1 ? rest : [{}, rest[0]]
  if (typeof schedule !== 'object' || schedule === null) {
    throw new FST_LIFECYCLE_HOOK_INVALID(`an object of options after its name '${name}'`, describe(schedule))
  }
  onlyKeys(`onShutdown('${name}')`, schedule, ['phase', 'timeout'])
  return checkedHook({ ...schedule, name, handler })
}

function checkedHook(hook: object): HookOptions {
  onlyKeys('hook', hook, ['name', 'phase', 'timeout', 'handler'])
  const { name, phase, timeout, handler } = hook as HookOptions
  if (name !== undefined && (typeof name !== 'string' || name === '')) {
    throw new FST_LIFECYCLE_HOOK_INVALID('a name that is a string and not empty, or none', describe(name))
  }
  const path = `onShutdown('${name ?? ''}')`
  return {
    ...(name !== undefined && { name }),
    ...(phase !== undefined && { phase: oneOf(`${path}.phase`, phase, hookPhases) }),
    ...(timeout !== undefined && { timeout: milliseconds(`${path}.timeout`, timeout) }),
    handler: checkedHandler(handler)
  }
}

function checkedHandler(handler: unknown): HookHandler {
  if (typeof handler === 'function') return handler as HookHandler
  throw new FST_LIFECYCLE_HOOK_INVALID('a function as its handler', describe(handler))
}

function disposableHook(resource: object): HookOptions | undefined {
  const name = resource.constructor?.name
  const handler = disposerOf(resource as Partial<AsyncDisposable & Disposable>)
  return (
    handler && { handler: Object.defineProperty(handler, 'name', { value: name === 'Object' ? '' : name }) }
  )
}

function disposerOf(resource: Partial<AsyncDisposable & Disposable>): HookHandler | undefined {
  if (typeof resource[Symbol.asyncDispose] === 'function') return () => resource[Symbol.asyncDispose]?.()
  if (typeof resource[Symbol.dispose] === 'function') return () => resource[Symbol.dispose]?.()
  return undefined
}
