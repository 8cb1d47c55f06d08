/** Something that the drill has found. */
export interface Finding {
  /** The name of the finding, for programs. It is also the name of its section on the page of the documentation. */
  readonly code: string
  /** A fault makes the exit code 1, a note does not. */
  readonly severity: 'fault' | 'note'
  /** What was seen. */
  readonly title: string
  /** The effect of what was seen. */
  readonly why: string
  /** What to do. */
  readonly remedy: string
}

export function fault(code: string, title: string, why: string, remedy: string): Finding {
  return { code, severity: 'fault', title, why, remedy }
}

export function note(code: string, title: string, why: string, remedy: string): Finding {
  return { code, severity: 'note', title, why, remedy }
}

/** The page that explains a finding. */
export function pageOf({ code }: Finding): string {
  return `https://github.com/fastify-lifecycle/fastify-lifecycle/blob/main/docs/drill.md#${code}`
}

export function count(number: number, one: string, many = `${one}s`): string {
  return `${number} ${number === 1 ? one : many}`
}

export function ms(time: number): string {
  return time < 10_000 ? `${Math.round(time)} ms` : `${(time / 1_000).toFixed(1)} s`
}
