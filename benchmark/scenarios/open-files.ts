interface Limits {
  readonly userLimits?: { readonly open_files?: { readonly soft: number | string } }
}

/** So many connections, or what this process may have open with some to spare; in round thousands. */
export function openFiles(wanted: number): number {
  const report = process.report?.getReport() as Limits | undefined
  const allowed = Number(report?.userLimits?.open_files?.soft ?? wanted * 2)
  if (!Number.isFinite(allowed) || allowed > wanted + 500) return wanted
  return Math.max(500, Math.floor((allowed - 500) / 1_000) * 1_000)
}
