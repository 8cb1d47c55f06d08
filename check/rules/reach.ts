import type { Conflict } from '../../deployment/conflict.ts'
import type { Front, Hearing } from '../commands/hearing.ts'

/**
 * Checks that the stop signal reaches the app. `written` turns the words of a command into the syntax of the file.
 */
export function reachRule(hearing: Hearing, written: (words: readonly string[]) => string): Conflict[] {
  if (hearing.reach === 'pm2') return pm2Rule(hearing.words)
  if (hearing.reach === 'unknown') return [unseen(hearing.program)]
  if (hearing.reach !== 'nobody' && hearing.reach !== 'by luck') return []
  const { front, words } = hearing
  const rule = 'signal-not-reached'
  const command = words.length === 0 ? ['node', 'server.js'] : words
  const write =
    front.kind === 'pipe'
      ? `Start node itself and let it write its log as it is: ${written(command)}`
      : `Start node itself: ${written(command)}`
  if (hearing.reach === 'by luck') {
    return [{ rule, severity: 'note', is: presence(front), follows: luck[front.kind], write }]
  }
  const severity = hearing.certain ? 'error' : 'warning'
  const follows = `${fate[front.kind]}${hearing.certain ? '' : ', unless `sh` is a shell that becomes its last command, as bash does and dash does not'}`
  return [{ rule, severity, is: presence(front), follows, write }]
}

function presence({ kind, name }: Front): string {
  if (kind === 'pipe') return 'The app runs in a pipe, and the shell that holds the pipe gets the stop signal'
  if (kind === 'shell')
    return `A shell (${name}) stands before the app, and gets the stop signal in its place`
  return `\`${name}\` stands before the app, and gets the stop signal in its place`
}

const fate: Readonly<Record<Front['kind'], string>> = {
  shell: 'the app hears nothing, nothing is drained, no hook runs, and it is killed when the time is up',
  'package manager':
    'it tells the shell that it has started, not the app: that shell ends, and the app is killed with its requests in flight',
  'development tool':
    'it ends the app in its own way, so requests in flight may be cut, and hooks may not run',
  runner: 'it ends the app in its own way',
  pipe: 'the app hears nothing, nothing is drained, no hook runs, and it is killed when the time is up'
}

const luck: Readonly<Record<Front['kind'], string>> = {
  ...fate,
  shell:
    'the signal reaches the app only because the `sh` of this image becomes its last command; that of Debian does not',
  'package manager':
    'the signal reaches the app only because the `sh` of this image becomes its last command; that of Debian does not',
  runner: 'it hands the signal on, but kills an app whose event loop is busy for a moment'
}

/** PM2's own default for `kill_timeout`, in ms. */
export const killTimeout = 1_600

function pm2Rule(words: readonly string[]): Conflict[] {
  const hasFile = words.some(
    (word) => /\.(c?js|mjs|json|ya?ml|config)$/.test(word) && /ecosystem|pm2|process/.test(word)
  )
  if (words.includes('resurrect')) return [unseen('pm2')]
  if (hasFile || words.some((word) => word.startsWith('--kill-timeout'))) return []
  return [
    {
      rule: 'grace-too-short',
      severity: 'error',
      is: `PM2 gets the stop signal, and no \`kill_timeout\` is set, so it is ${killTimeout} ms`,
      follows: `PM2 kills the app ${killTimeout} ms after the stop signal, even with requests in flight`,
      write: 'Start node itself, or set `kill_timeout` in an ecosystem file and start that'
    }
  ]
}

function unseen(program: string): Conflict {
  return {
    rule: 'cannot-be-read',
    severity: 'note',
    is: `This cannot be read: whether \`${program}\` hands the stop signal on to the app`,
    follows: 'if it does not, nothing is drained, and no hook runs',
    write: `Make sure that \`${program}\` ends in \`exec\`, or start node itself`
  }
}
