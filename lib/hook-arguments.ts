import { FST_LIFECYCLE_HOOK_INVALID } from './errors.ts'
import { type HookHandler, type HookOptions, hookPhases, type OnShutdownArguments } from './hooks.ts'
import { describe, invalid, milliseconds, oneOf, onlyKeys } from './validate.ts'

/** Reads any form of `onShutdown`'s arguments, and checks it. */
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
  return disposableHook(first) ?? checkedHook(first)
}

function namedHook(name: string, rest: readonly unknown[]): HookOptions {
  if (rest.length > 2)
    throw new FST_LIFECYCLE_HOOK_INVALID(`its handler last, after '${name}'`, describe(rest[2]))
  const [schedule, handler] = rest.length > 1 ? rest : [{}, rest[0]]
  if (typeof schedule !== 'object' || schedule === null) {
    throw new FST_LIFECYCLE_HOOK_INVALID(`an object of options after its name '${name}'`, describe(schedule))
  }
  onlyKeys(`onShutdown('${name}')`, schedule, ['phase', 'timeout', 'dependsOn'])
  return checkedHook({ ...schedule, name, handler })
}

function checkedHook(hook: object): HookOptions {
  onlyKeys('hook', hook, ['name', 'phase', 'timeout', 'dependsOn', 'handler'])
  const { name, phase, timeout, dependsOn, handler } = hook as HookOptions
  if (name !== undefined && (typeof name !== 'string' || name === '')) {
    throw new FST_LIFECYCLE_HOOK_INVALID('a name that is a string and not empty, or none', describe(name))
  }
  const path = `onShutdown('${name ?? ''}')`
  return {
    ...(name !== undefined && { name }),
    ...(phase !== undefined && { phase: oneOf(`${path}.phase`, phase, hookPhases) }),
    ...(timeout !== undefined && { timeout: milliseconds(`${path}.timeout`, timeout) }),
    ...(dependsOn !== undefined && { dependsOn: checkedNames(`${path}.dependsOn`, dependsOn) }),
    handler: checkedHandler(handler)
  }
}

function checkedNames(path: string, names: unknown): readonly string[] {
  const isName = (name: unknown) => typeof name === 'string' && name !== ''
  if (Array.isArray(names) && names.every(isName) && new Set(names).size === names.length) return [...names]
  throw invalid(path, 'an array of the names of other hooks, each once', names)
}

/** A handler that is to call back would seem to be done at once, so it is refused. */
function checkedHandler(handler: unknown): HookHandler {
  if (typeof handler !== 'function') {
    throw new FST_LIFECYCLE_HOOK_INVALID('a function as its handler', describe(handler))
  }
  if (handler.length > 1) {
    const expected = 'a handler with one parameter, which returns a promise where it is not done at once'
    throw new FST_LIFECYCLE_HOOK_INVALID(expected, `one with ${handler.length}; there is no callback`)
  }
  return handler as HookHandler
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
