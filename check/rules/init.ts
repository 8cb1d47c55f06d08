import type { Conflict } from '../../deployment/conflict.ts'
import type { Site } from '../../deployment/site.ts'
import { type Hearing, hasInit } from '../commands/hearing.ts'
import { wordsOf } from '../commands/words.ts'

/**
 * Recommends an init process if the app is the first process of its container. Such an app cannot be killed from
 * inside the container, and it does not reap orphaned processes.
 */
export function initRule(
  { settings }: Site,
  hearing: Hearing,
  words: readonly string[],
  write: string
): Conflict[] {
  if (hearing.reach !== 'app' || hasInit(words.flatMap(wordsOf)) || settings.hardKill === false) return []
  return [
    {
      rule: 'init-missing',
      severity: 'note',
      is: 'The app is the first process of its container',
      follows:
        'if its event loop is blocked at the deadline, `hardKill` ends it with exit code 133; and nothing reaps orphaned child processes',
      write
    }
  ]
}
