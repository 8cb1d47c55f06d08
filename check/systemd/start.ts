import type { Conflict } from '../../deployment/conflict.ts'
import { type Hearing, hearingOf } from '../commands/hearing.ts'
import { wordsOf } from '../commands/words.ts'
import { reachRule } from '../rules/reach.ts'
import { allOf, type Line, lastOf, type Unit } from './units.ts'

/** The command of a unit, and the process that receives a signal which systemd sends only to the first process. */
export interface Started {
  readonly line: Line
  readonly hearing: Hearing
}

export function startedBy(unit: Unit): Started | undefined {
  const line = allOf(unit, 'Service', 'ExecStart').at(-1)
  if (line === undefined) return undefined
  return { line, hearing: hearingOf(commandIn(line.value), { shell: 'unknown' }) }
}

/** The words of a command, without the prefix characters that say how systemd runs it. */
export function commandIn(value: string): readonly string[] {
  const [, marks = '', rest = ''] = /^([-@:+!|]*)([\s\S]*)$/.exec(value) as RegExpExecArray
  const words = wordsOf(rest)
  // With `@`, the second word is the name that the program gets as its own.
  return marks.includes('@') ? [...words.slice(0, 1), ...words.slice(2)] : words
}

/** Whether another process stands in front of the app. */
export function isWrapped({ hearing }: Started): boolean {
  return hearing.reach === 'nobody' || hearing.reach === 'by luck'
}

const write = (words: readonly string[]) => `\`ExecStart=${words.join(' ')}\``

/**
 * Checks that the stop signal reaches the app. By default all processes of a unit get the signal, so a process in front
 * of the app does no harm. With `KillMode=mixed` or `KillMode=process`, only the first process gets the signal.
 */
export function reachRules(unit: Unit, started: Started): Conflict[] {
  const mode = lastOf(unit, 'Service', 'KillMode')?.value ?? 'control-group'
  const conflicts = reachRule(started.hearing, write)
  if (mode === 'none') return []
  if (mode !== 'control-group') {
    const follows =
      mode === 'mixed'
        ? 'as soon as that has ended, systemd kills the app, with its requests in flight'
        : 'the app hears nothing, and lives on when the unit has stopped: the next one finds its port taken'
    return conflicts.map((conflict) =>
      conflict.rule === 'signal-not-reached' ? { ...conflict, follows } : conflict
    )
  }
  return conflicts.filter(({ rule }) => rule !== 'signal-not-reached' || isTool(started.hearing))
}

/**
 * Whether a developer's tool starts the app. Such a tool ends the app in its own way, whichever process gets
 * the signal.
 */
function isTool(hearing: Hearing): boolean {
  return hearing.reach === 'nobody' && hearing.front.kind === 'development tool'
}

/**
 * Checks that systemd started the app's process itself. systemd accepts messages only from the process that it has
 * started, and passes its sockets only to that process.
 */
export function mainRules(
  unit: Unit,
  started: Started,
  hasSocket: boolean
): readonly (readonly [Line, Conflict])[] {
  const type = lastOf(unit, 'Service', 'Type')
  const access = lastOf(unit, 'Service', 'NotifyAccess')
  const found: (readonly [Line, Conflict])[] = []
  const isNotify = type !== undefined && /^notify(-reload)?$/.test(type.value)
  if (isNotify && isWrapped(started)) {
    found.push([
      type,
      unheard(
        `\`${type.value}\` waits for a message of the process that systemd started, but that process is not the app`,
        'Start node itself, or write `Type=exec`'
      )
    ])
  } else if (isNotify && access?.value !== 'all') {
    found.push([
      access ?? type,
      unheard(
        `\`Type=${type.value}\` without \`NotifyAccess=all\`: the message comes from a child of the app, \`systemd-notify\``,
        'Write `NotifyAccess=all`',
        'warning'
      )
    ])
  }
  if (hasSocket && isWrapped(started)) {
    found.push([
      started.line,
      {
        rule: 'socket-unused',
        severity: 'error',
        is: 'systemd passes the socket to the process that it started, but that process is not the app',
        follows: 'the app does not get the socket, and opens a port itself or does not listen',
        write: 'Start node itself'
      }
    ])
  }
  return found
}

function unheard(is: string, write: string, severity: Conflict['severity'] = 'error'): Conflict {
  const follows = 'systemd hears nothing, waits for `TimeoutStartSec`, and kills the app'
  return { rule: 'notify-unheard', severity, is, follows, write }
}
