/** The standard streams that Node.js counts among what keeps the process alive, by the name that it has for each. */
export function standardStreams(target: object = process): string[] {
  const { _getActiveHandles: handles } = target as { _getActiveHandles?: () => object[] }
  const open = (handles?.call(target) ?? []) as { readonly fd?: unknown; readonly isTTY?: boolean }[]
  const standard = open.filter(({ fd }) => fd === 0 || fd === 1 || fd === 2)
  return standard.map(({ isTTY }) => (isTTY === true ? 'TTYWrap' : 'PipeWrap'))
}
