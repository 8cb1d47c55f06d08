/** The standard streams that keep the process alive, by the names that Node.js has for their types. */
export function standardStreams(target: object = process): string[] {
  const { _getActiveHandles: handles } = target as { _getActiveHandles?: () => object[] }
  const open = (handles?.call(target) ?? []) as { readonly fd?: unknown; readonly isTTY?: boolean }[]
  const standard = open.filter(({ fd }) => fd === 0 || fd === 1 || fd === 2)
  return standard.map(({ isTTY }) => (isTTY === true ? 'TTYWrap' : 'PipeWrap'))
}
