// Reading values that may be anything: proxies, getters that throw, arrays with holes. Nothing here throws.

/** The longest array and the longest chain of prototypes that are read: a proxy can pretend any length. */
const mostItems = 10_000
const mostPrototypes = 20

/** Returns the result of `look`, or `otherwise` if `look` throws. */
export function attempt<T>(look: () => T, otherwise: T): T {
  try {
    return look()
  } catch {
    return otherwise
  }
}

/** Promises, maps, dates and the like have no properties that could be options. */
export function kindOf(value: unknown): 'object' | 'other' {
  if (typeof value !== 'object' || value === null) return 'other'
  const tag = attempt(() => (Array.isArray(value) ? '' : Object.prototype.toString.call(value)), '')
  return tag === '[object Object]' || tag === '[object Module]' ? 'object' : 'other'
}

/** The properties of an object. */
export interface Properties<Key extends string> {
  /** The known properties, also inherited ones, but not properties of `Object.prototype`. */
  readonly read: Partial<Record<Key, unknown>>
  /** The object's own unknown properties, with their names. */
  readonly entries: [name: string, value: unknown][]
  /** The names of the object's own unknown properties, symbols included. */
  readonly others: readonly string[]
  readonly isOfAClass: boolean
}

/** Reads each property once. Returns `undefined` if that is not possible. */
export function propertiesOf<Key extends string>(
  object: object,
  known: readonly Key[]
): Properties<Key> | undefined {
  return attempt(() => {
    const own = Reflect.ownKeys(object).filter((key) => isEnumerable(object, key))
    const holders = holdersOf(object)
    const read: Partial<Record<Key, unknown>> = Object.create(null)
    for (const key of known) {
      if (holders.some((holder) => Object.hasOwn(holder, key)))
        read[key] = (object as Record<string, unknown>)[key]
    }
    const isKnown = (key: string | symbol) => known.some((each) => each === key)
    const others = own.filter((key) => !isKnown(key))
    const names = others.filter((key) => typeof key === 'string')
    return {
      read,
      entries: names.map((key) => [key, (object as Record<string, unknown>)[key]]),
      others: others.map(String),
      isOfAClass: holders.length > 1 || others.length > names.length
    }
  }, undefined)
}

function isEnumerable(object: object, key: string | symbol): boolean {
  return Object.getOwnPropertyDescriptor(object, key)?.enumerable === true
}

/** An object and its prototypes, without the last one, which all objects share. */
function holdersOf(object: object): object[] {
  const holders = [object]
  let next: object | null = Object.getPrototypeOf(object)
  while (next !== null) {
    const after: object | null = Object.getPrototypeOf(next)
    if (after === null) break
    if (holders.push(next) > mostPrototypes) throw new RangeError('too many prototypes')
    next = after
  }
  return holders
}

/** The items of an array, each read once; a missing item is `undefined`. A value that is no array has no items: `undefined`. */
export function itemsOf(value: unknown): unknown[] | undefined {
  return attempt(() => {
    if (!Array.isArray(value) || value.length > mostItems) return undefined
    return Array.from({ length: value.length }, (_, index) => value[index])
  }, undefined)
}
