import { attempt } from '../validation/read.ts'
import type { Probe } from './check.ts'

/** What a request to a probe asks. */
export interface Question {
  readonly probe: Probe
  /** The check that the request asks about; `undefined` if it asks about the whole probe. */
  readonly check?: string | undefined
  /** The names of the checks that do not count for the answer. */
  readonly excluded: ReadonlySet<string>
  /** Whether the client wants a line for each check. */
  readonly isVerbose: boolean
}

/** The question for a whole probe, without a query. */
export function plain(probe: Probe): Question {
  return { probe, excluded: none, isVerbose: false }
}

const none: ReadonlySet<string> = new Set()

/** Reads `?verbose` and `?exclude=name`. `exclude` may be given several times. */
export function withQuery(question: Question, url: string): Question {
  const start = url.indexOf('?')
  if (start === -1) return question
  const query = new URLSearchParams(url.slice(start + 1))
  return { ...question, isVerbose: query.has('verbose'), excluded: new Set(query.getAll('exclude')) }
}

/** Splits a path such as `/readyz/db` into the path above, and the last name. */
export function splitPath(url: string): readonly [above: string, name: string] | undefined {
  const end = url.search(/[?#]/)
  const path = end === -1 ? url : url.slice(0, end)
  const slash = path.lastIndexOf('/')
  const name = attempt(() => decodeURIComponent(path.slice(slash + 1)), '')
  return slash > 0 && name !== '' ? [path.slice(0, slash), name] : undefined
}
