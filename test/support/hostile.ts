import fc from 'fast-check'

/** What nobody should give, and what a slip gives easily. */
export interface Hostile {
  readonly value: unknown
  /** Whether it is a plain object without properties: options that set nothing. */
  readonly isEmpty: boolean
  /** Whether it is a function that takes one argument at most. */
  readonly isHandler: boolean
  /** Whether it can dispose of itself. */
  readonly isDisposable: boolean
  /** Whether it can be waited for. */
  readonly isThenable: boolean
  readonly label: string
  /** How a failure shows it: what would show the value may throw. */
  readonly [fc.toStringMethod]: () => string
}

type Traits = Partial<Pick<Hostile, 'isEmpty' | 'isHandler' | 'isDisposable' | 'isThenable'>>

function made(label: string, value: unknown, traits: Traits = {}): Hostile {
  const none = { isEmpty: false, isHandler: false, isDisposable: false, isThenable: false }
  return { ...none, ...traits, value, label, [fc.toStringMethod]: () => label }
}

function refuse(): never {
  throw new Error('looked at')
}

const traps: ProxyHandler<object> = Object.fromEntries(
  Object.getOwnPropertyNames(Reflect).map((trap) => [trap, refuse])
)

function revoked<T extends object>(target: T): T {
  const { proxy, revoke } = Proxy.revocable(target, {})
  revoke()
  return proxy
}

/** A promise that fails, and whose failure is nobody's. */
function rejected(): Promise<never> {
  const promise = Promise.reject(new Error('late'))
  promise.catch(() => {})
  return promise
}

/** An object on which this property throws when it is looked at. */
function throwing(...keys: readonly PropertyKey[]): object {
  const object = {}
  for (const key of keys) Object.defineProperty(object, key, { enumerable: true, get: refuse })
  return object
}

function anIterator(): IterableIterator<number> {
  return [1, 2][Symbol.iterator]()
}

/** A proxy whose prototypes never end. */
function endless(): object {
  return new Proxy({}, { getPrototypeOf: endless })
}

class Empty {}

class Private {
  readonly #checks = new Map([['db', () => true]])
  get size(): number {
    return this.#checks.size
  }
}

class Later {
  // biome-ignore lint/suspicious/noThenProperty: a query builder has one
  then(resolve: (value: unknown) => void): void {
    resolve(1)
  }
}

const huge = 'x'.repeat(100_000)
const handler: Traits = { isHandler: true }
const empty: Traits = { isEmpty: true }
const later: Traits = { isThenable: true }

/** Each is made anew, since a call may change it. */
const makers: readonly (readonly [label: string, make: () => unknown, traits?: Traits])[] = [
  ['undefined', () => undefined],
  ['null', () => null],
  ['true', () => true],
  ['false', () => false],
  ['NaN', () => Number.NaN],
  ['-0', () => -0],
  ['0', () => 0],
  ['1', () => 1],
  ['-1', () => -1],
  ['a half', () => 0.5],
  ['Infinity', () => Number.POSITIVE_INFINITY],
  ['-Infinity', () => Number.NEGATIVE_INFINITY],
  ['2 ** 31', () => 2 ** 31],
  ['2 ** 53', () => 2 ** 53],
  ['a bigint', () => 5n],
  ['a huge bigint', () => 10n ** 3_000n],
  ['a symbol', () => Symbol('symbol')],
  ['a well-known symbol', () => Symbol.iterator],
  ['an empty string', () => ''],
  ['a string', () => 'name'],
  ['a path', () => '/path'],
  ['a huge string', () => huge],
  ['a huge path', () => `/${huge}`],
  ['a lone surrogate', () => '\ud800'],
  ['a string of NUL', () => '\0'],
  ['a name of every object', () => '__proto__'],
  ['another', () => 'constructor'],
  ['and one more', () => 'toString'],
  ['an event with a slip', () => 'raport'],
  ['a promise', () => Promise.resolve({ deadline: 5 }), later],
  ['a promise that fails', rejected, later],
  [
    'a promise of no class',
    () => Object.defineProperty(Promise.resolve(), 'constructor', { get: refuse }),
    later
  ],
  ['a thenable', () => new Later(), later],
  ['a thenable that throws', () => throwing('then')],
  ['a map', () => new Map([['deadline', 5]])],
  ['a set', () => new Set(['SIGTERM'])],
  ['a weak map', () => new WeakMap()],
  ['a date', () => new Date(0)],
  ['an invalid date', () => new Date(Number.NaN)],
  ['a pattern', () => /x/],
  ['an error', () => new Error(huge)],
  ['a URL', () => new URL('http://host/path')],
  ['bytes', () => Buffer.from('/path')],
  ['an array buffer', () => new ArrayBuffer(8)],
  ['a boxed number', () => Object(5)],
  ['a boxed string', () => Object('/path')],
  ['a boxed boolean', () => Object(false)],
  // Since Node.js 24, iterators are disposable.
  ['an iterator', anIterator, { isDisposable: Symbol.dispose in anIterator() }],
  ['a disposable', () => ({ [Symbol.dispose]() {} }), { isDisposable: true }],
  ['a function', () => () => true, handler],
  ['an asynchronous function', () => async () => true, handler],
  ['a function that calls back', () => (_context: unknown, _done: unknown) => true],
  ['a generator function', () => function* () {}, handler],
  ['a class', () => Empty, handler],
  [
    'a class with an odd name',
    () => Object.defineProperty(class {}, 'name', { value: Symbol('name') }),
    handler
  ],
  ['a function whose name throws', () => Object.defineProperty(() => true, 'name', { get: refuse }), handler],
  [
    'a function whose length throws',
    () => Object.defineProperty(() => true, 'length', { get: refuse }),
    handler
  ],
  ['a function with a huge name', () => Object.defineProperty(() => true, 'name', { value: huge }), handler],
  ['a proxy of a function', () => new Proxy(() => true, traps), handler],
  ['a revoked function', () => revoked(() => true), handler],
  ['an empty array', () => []],
  ['an array with holes', () => new Array(2)],
  ['an array with a hole', () => Object.assign(new Array(3), { 0: 1, 2: 3 })],
  ['a very long array', () => new Array(100_000_000)],
  ['an array of everything', () => [Symbol('x'), 5n, null, huge]],
  ['an array with a throwing item', () => Object.defineProperty([1], 0, { get: refuse })],
  ['a revoked array', () => revoked([])],
  ['a proxy of an array', () => new Proxy([], traps)],
  ['a proxy of an array that is longer', () => new Proxy([], { get: () => 2 ** 32 - 1 })],
  ['an object', () => ({}), empty],
  ['an object without a prototype', () => Object.create(null), empty],
  ['a proxy that lets everything through', () => new Proxy({}, {}), empty],
  ['a proxy that throws', () => new Proxy({}, traps)],
  ['a revoked proxy', () => revoked({})],
  ['a proxy with endless prototypes', endless],
  [
    'a proxy with endless keys',
    () =>
      new Proxy(
        {},
        {
          ownKeys: () => Array.from({ length: 1_000 }, (_, i) => `k${i}`),
          getOwnPropertyDescriptor: () => ({ enumerable: true, configurable: true, value: 1 })
        }
      )
  ],
  ['an object of an empty class', () => new Empty()],
  ['an object with private state', () => new Private()],
  ['an object with a symbol', () => ({ [Symbol('key')]: 1 })],
  ['an object with an odd key', () => JSON.parse('{"__proto__": 1}')],
  ['an object with a huge key', () => ({ [huge]: 1 })],
  ['an object with a slip', () => ({ deadlin: 1 })],
  [
    'an object of which nothing can be read',
    () =>
      throwing(
        'deadline',
        'check',
        'handler',
        'live',
        'max',
        'margin',
        'code',
        'name',
        'lifecycle',
        'maxWait',
        'hooks',
        'version'
      )
  ],
  ['an object with a throwing tag', () => throwing(Symbol.toStringTag)],
  ['an object with a false tag', () => ({ [Symbol.toStringTag]: 'Promise' })],
  ['an object that shows itself', () => ({ [Symbol.for('nodejs.util.inspect.custom')]: refuse })],
  ['an object that turns into a primitive', () => ({ [Symbol.toPrimitive]: () => 5, valueOf: () => 5 })],
  ['a disposable that throws', () => throwing(Symbol.asyncDispose, Symbol.dispose)]
]

const listed = fc.constantFrom(...makers).map(([label, make, traits]) => made(label, make(), traits))

const anything = fc
  .anything({
    ...{ withBigInt: true, withDate: true, withMap: true, withSet: true, withNullPrototype: true },
    ...{ withObjectString: true, withSparseArray: true, withTypedArray: true, withBoxedValues: true }
  })
  .map((value) => {
    const isPlain = Object.prototype.toString.call(value) === '[object Object]'
    const isEmpty = isPlain && Reflect.ownKeys(value as object).length === 0
    return made(fc.stringify(value).slice(0, 200), value, { isEmpty })
  })

/** Any value, and more often one that was chosen for its malice. */
export const hostile: fc.Arbitrary<Hostile> = fc.oneof({ weight: 4, arbitrary: listed }, anything)
