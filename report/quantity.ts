/** A number with its noun. Pass the plural if it is not the noun with an s. */
export function quantity(count: number, one: string, many: string = `${one}s`): string {
  return `${count} ${count === 1 ? one : many}`
}
