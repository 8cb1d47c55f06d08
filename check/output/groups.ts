/** Groups items by a common key, in the order in which the keys first appear. */
export function groupsOf<T, K>(
  items: readonly T[],
  keyOf: (item: T) => K
): readonly (readonly [K, readonly T[]])[] {
  const groups = new Map<K, T[]>()
  for (const item of items) {
    const key = keyOf(item)
    groups.set(key, [...(groups.get(key) ?? []), item])
  }
  return [...groups]
}
