import { FST_LIFECYCLE_HOOK_INVALID } from '../errors.ts'
import { hookPhases } from '../phases.ts'
import { attempt } from '../validation/read.ts'
import {
  anAbortSignal,
  anArray,
  describe,
  invalid,
  isName,
  milliseconds,
  nameOf,
  oneOf,
  onlyKeys
} from '../validation/validate.ts'
import type { HookHandler, HookOptions, HookSchedule, OnShutdownArguments } from './hook.ts'

/** Reads the arguments of `onShutdown`, in any of their forms, and checks them. */
export function hookOptionsOf(args: OnShutdownArguments): HookOptions {
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
  return disposableHook(first) ?? checkedHook(onlyKeys<HookOptions>('hook', first, hookKeys))
}

const scheduleKeys = [
  'phase',
  'timeout',
  'dependsOn',
  'signal'
] as const satisfies readonly (keyof HookSchedule)[]
const hookKeys = [...scheduleKeys, 'name', 'handler'] as const

function namedHook(name: string, rest: readonly unknown[]): HookOptions {
  if (rest.length > 2)
    throw new FST_LIFECYCLE_HOOK_INVALID(`its handler last, after '${name}'`, describe(rest[2]))
  const [schedule, handler] = rest.length > 1 ? rest : [{}, rest[0]]
  if (typeof schedule !== 'object' || schedule === null) {
    throw new FST_LIFECYCLE_HOOK_INVALID(`an object of options after its name '${name}'`, describe(schedule))
  }
  const options = onlyKeys<HookSchedule>(`onShutdown('${name}')`, schedule, scheduleKeys)
  return checkedHook({ ...options, name, handler: handler as HookHandler })
}

function checkedHook(given: Partial<HookOptions>): HookOptions {
  const { name, phase, timeout, dependsOn, signal, handler } = given
  if (name !== undefined && !isName(name)) {
    const expected = 'a name that is a string and not empty, of at most 200 bytes, or none'
    throw new FST_LIFECYCLE_HOOK_INVALID(expected, describe(name))
  }
  const path = `onShutdown('${name ?? ''}')`
  return {
    ...(name !== undefined && { name }),
    ...(phase !== undefined && { phase: oneOf(`${path}.phase`, phase, hookPhases) }),
    ...(timeout !== undefined && { timeout: milliseconds(`${path}.timeout`, timeout) }),
    ...(dependsOn !== undefined && { dependsOn: checkedNames(`${path}.dependsOn`, dependsOn) }),
    ...(signal !== undefined && { signal: anAbortSignal(`${path}.signal`, signal) }),
    handler: checkedHandler(handler)
  }
}

function checkedNames(path: string, value: unknown): readonly string[] {
  const expected = 'an array of the names of other hooks, each once'
  const names = anArray(path, expected, value)
  const isNameOfAHook = (name: unknown): name is string => typeof name === 'string' && name !== ''
  if (names.every(isNameOfAHook) && new Set(names).size === names.length) return names
  throw invalid(path, expected, value)
}

/** Refuses a handler that expects a callback, because such a handler would seem to be done at once. */
function checkedHandler(handler: unknown): HookHandler {
  if (typeof handler !== 'function') {
    throw new FST_LIFECYCLE_HOOK_INVALID('a function as its handler', describe(handler))
  }
  const parameters = attempt(() => handler.length, 0)
  if (parameters > 1) {
    const expected = 'a handler with one parameter that returns a promise'
    throw new FST_LIFECYCLE_HOOK_INVALID(expected, `one with ${parameters}. There is no callback`)
  }
  return handler as HookHandler
}

function disposableHook(resource: object): HookOptions | undefined {
  const handler = attempt(() => disposerOf(resource as Partial<AsyncDisposable & Disposable>), undefined)
  if (handler === undefined) return undefined
  const name = nameOf(attempt(() => resource.constructor, undefined))
  return { handler: Object.defineProperty(handler, 'name', { value: name === 'Object' ? '' : name }) }
}

function disposerOf(resource: Partial<AsyncDisposable & Disposable>): HookHandler | undefined {
  if (typeof resource[Symbol.asyncDispose] === 'function') return () => resource[Symbol.asyncDispose]?.()
  if (typeof resource[Symbol.dispose] === 'function') return () => resource[Symbol.dispose]?.()
  return undefined
}
