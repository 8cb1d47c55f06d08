/** Things by what they have in common, in the order in which it comes up. */
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
