/** So many of something; a plural that is not made with an s has to be given. */
export function quantity(count: number, one: string, many: string = `${one}s`): string {
  return `${count} ${count === 1 ? one : many}`
}
