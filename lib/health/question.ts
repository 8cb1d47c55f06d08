import { attempt } from '../validation/read.ts'
import type { Probe } from './check.ts'

/** What a request to a probe asks. */
export interface Question {
  readonly probe: Probe
  /** The one check that it is about; otherwise it is about the probe. */
  readonly check?: string | undefined
  /** The checks that are left out of the verdict. */
  readonly excluded: ReadonlySet<string>
  /** Whether it wants a line for each check. */
  readonly isVerbose: boolean
}

/** The probe, and nothing more. */
export function plain(probe: Probe): Question {
  return { probe, excluded: none, isVerbose: false }
}

const none: ReadonlySet<string> = new Set()

/** Reads `?verbose` and `?exclude=name`, which may stand there several times. */
export function withQuery(question: Question, url: string): Question {
  const start = url.indexOf('?')
  if (start === -1) return question
  const query = new URLSearchParams(url.slice(start + 1))
  return { ...question, isVerbose: query.has('verbose'), excluded: new Set(query.getAll('exclude')) }
}

/** A path below another one, such as `/readyz/db`: the path above it, and the name. */
export function splitPath(url: string): readonly [above: string, name: string] | undefined {
  const end = url.search(/[?#]/)
  const path = end === -1 ? url : url.slice(0, end)
  const slash = path.lastIndexOf('/')
  const name = attempt(() => decodeURIComponent(path.slice(slash + 1)), '')
  return slash > 0 && name !== '' ? [path.slice(0, slash), name] : undefined
}
