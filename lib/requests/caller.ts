import type { onRouteHookHandler } from 'fastify'

// Who calls `lifecycle.shutdown()` or `app.close()`, and waits for it. The shutdown waits for requests and for tracked
// work, so each would wait for the other. A call is known by what runs just then: to follow a handler through its
// awaits would cost each promise of the app something.

/** What the shutdown waits for, and what may wait for the shutdown. */
export interface Caller {
  /** In words, for the log. */
  readonly who: string
  /** The shutdown does not wait for it any more. Calls `release` when it may go on. */
  excuse(release: () => void): void
}

/** Who runs, as far as that is known: `find` looks it up only where somebody asks. */
interface Running {
  readonly subject: unknown
  readonly find: (subject: never) => Caller | undefined
}

let subject: Running['subject']
let find: Running['find'] | undefined

/** What is wrapped: Fastify makes a HEAD route of each GET route, with its handler. */
const noted = new WeakSet<object>()

/** Makes the handler of each route known as the caller of what it calls before its first `await`. */
export function noteCallers<Reply>(findCaller: (reply: Reply) => Caller | undefined): onRouteHookHandler {
  return (route) => {
    const { handler } = route
    // Routes of WebSockets may have none.
    if (typeof handler !== 'function' || noted.has(handler)) return
    route.handler = function (request, reply) {
      return callAs(reply, findCaller, handler, this, request, reply)
    }
    // Instrumentation names the handlers of an app.
    Object.defineProperty(route.handler, 'name', { value: handler.name, configurable: true })
    noted.add(route.handler)
  }
}

/** Runs a function, and makes it known as the caller of what it calls before its first `await`. */
export function runAs<T>(caller: Caller, run: () => T): T {
  return callAs(caller, itself, run, undefined)
}

function itself(caller: Caller): Caller {
  return caller
}

/** On the path of each request, so without a closure. */
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

/** What runs just now, if the shutdown waits for it. */
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
 * The same promise for a caller. As soon as the caller waits for it, the shutdown no longer waits for the
 * caller. The caller gets `early` when its turn has come.
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
