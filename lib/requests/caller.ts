import type { onRouteHookHandler } from 'fastify'

// Finds out which handler or work calls `lifecycle.shutdown()` or `app.close()`. The shutdown waits for
// handlers and for tracked work. If one of these awaits the shutdown, each would wait for the other. We only
// know the code that runs at the moment of the call. To follow a handler through its awaits would make each
// promise of the app slower.

/** A handler or tracked work: the shutdown waits for it, and it may wait for the shutdown. */
export interface Caller {
  /** The name of the caller, for the log. */
  readonly who: string
  /** From now on, the shutdown does not wait for this caller. Calls `release` when the caller may go on. */
  excuse(release: () => void): void
}

/** The code that runs now. `find` makes its `Caller`, and is called only if the caller is needed. */
interface Running {
  readonly subject: unknown
  readonly find: (subject: never) => Caller | undefined
}

let subject: Running['subject']
let find: Running['find'] | undefined

/** The handlers that are wrapped already. Fastify makes a HEAD route of each GET route, with the same handler. */
const noted = new WeakSet<object>()

/** Wraps the handler of each route, so that the handler is known as the caller until its first `await`. */
export function noteCallers<Reply>(findCaller: (reply: Reply) => Caller | undefined): onRouteHookHandler {
  return (route) => {
    const { handler } = route
    // A route of a WebSocket may have no handler.
    if (typeof handler !== 'function' || noted.has(handler)) return
    route.handler = function (request, reply) {
      return callAs(reply, findCaller, handler, this, request, reply)
    }
    // Instrumentation uses the names of handlers.
    Object.defineProperty(route.handler, 'name', { value: handler.name, configurable: true })
    noted.add(route.handler)
  }
}

/** Runs a function that is known as the caller until its first `await`. */
export function runAs<T>(caller: Caller, run: () => T): T {
  return callAs(caller, itself, run, undefined)
}

function itself(caller: Caller): Caller {
  return caller
}

/** This runs for each request, so it makes no closure. */
function callAs<Self, Given extends unknown[], T>(
  who: unknown,
  findWho: Running['find'],
  run: (this: Self, ...given: Given) => T,
  self: Self,
  ...given: Given
): T {
  const outer = subject
  const findOuter = find
  subject = who
  find = findWho
  try {
    return run.apply(self, given)
  } finally {
    subject = outer
    find = findOuter
  }
}

/** The handler or work that runs at this moment, if there is one. */
export function currentCaller(): Caller | undefined {
  return find?.(subject as never)
}

/** A promise that knows when somebody begins to wait for it. */
class Observed<T> extends Promise<T> {
  onAwaited: (() => void) | undefined

  static override get [Symbol.species](): PromiseConstructor {
    return Promise
  }

  // biome-ignore lint/suspicious/noThenProperty: `await` calls it
  override then<A = T, B = never>(
    ...given: [((value: T) => A | PromiseLike<A>)?, ((reason: unknown) => B | PromiseLike<B>)?]
  ): Promise<A | B> {
    this.onAwaited?.()
    this.onAwaited = undefined
    return super.then(...given)
  }
}

/**
 * The promise `work` for a caller. As soon as the caller awaits it, the shutdown no longer waits for the caller. When
 * the caller may go on, the promise resolves with the result of `early`.
 */
export function forCaller<T>(
  caller: Caller,
  work: Promise<T>,
  early: () => T,
  onExcused: () => void
): Promise<T> {
  let release!: (value: T) => void
  const promise = new Observed<T>((resolve, reject) => {
    release = resolve
    work.then(resolve, reject)
  })
  promise.onAwaited = () => {
    onExcused()
    caller.excuse(() => release(early()))
  }
  return promise
}
