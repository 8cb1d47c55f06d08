import type { Conflict } from '../../deployment/conflict.ts'
import type { Site } from '../../deployment/site.ts'
import { wordsOf } from '../commands/words.ts'
import { type Purpose, probeRules } from './probes.ts'
import { urlIn } from './urls.ts'

/** A probe that runs a command. */
export interface CommandProbe {
  readonly purpose: Purpose
  readonly name: string
  readonly words: readonly string[]
}

/** Checks a probe that runs a command. If the command asks a URL, as curl does, the rules of HTTP probes apply. */
export function commandProbeRules(
  site: Site,
  { purpose, name, words }: CommandProbe,
  knownPorts: readonly number[] = [],
  fileNamed: (path: string) => string | undefined = () => undefined
): Conflict[] {
  const plain = words.flatMap(wordsOf)
  const script = plain.filter((word) => /\.([cm]?[jt]s|sh)$/.test(word)).map(fileNamed)
  const url = urlIn([...plain, ...script.map((text) => text ?? '')])
  if (url !== undefined) return probeRules(site, { purpose, name, ...url }, knownPorts)
  return [
    {
      rule: 'cannot-be-read',
      severity: 'note',
      is: `This cannot be read: what the command of ${name} asks`,
      follows: 'it was not checked',
      write: `Make sure that it asks ${purpose === 'liveness' ? 'the liveness' : 'the readiness'} of the app`
    }
  ]
}
