import type { Conflict } from '../../deployment/conflict.ts'
import { hostReserve, secondsFor } from '../../deployment/grace.ts'
import { graceRule, signalRule } from '../../deployment/rules.ts'
import type { Site } from '../../deployment/site.ts'
import { signalNamed, stopSignalRule } from '../rules/signals.ts'
import { commandIn } from './start.ts'
import { timeOf } from './times.ts'
import { allOf, isNo, type Line, lastOf, type Unit } from './units.ts'

/** A conflict and its line. Without a line, the conflict is about the whole unit. */
export type Placed = readonly [line: Line | undefined, conflict: Conflict]

/** The default grace period of systemd, in ms. */
const usualTimeout = 90_000

export function graceRules(unit: Unit, site: Site): readonly Placed[] {
  const line = lastOf(unit, 'Service', 'TimeoutStopSec', 'TimeoutSec')
  if (line === undefined && unit.isPart) return []
  const needed = secondsFor(site.settings.deadline, hostReserve)
  const key = line?.key ?? 'TimeoutStopSec'
  const remedy = `Write \`TimeoutStopSec=${needed}\``
  const given = line === undefined ? usualTimeout : timeOf(line.value)
  if (given === undefined) {
    const is = `This cannot be read: \`${key}\` must be a time, and what follows it belongs to the value`
    return [
      [
        line,
        {
          rule: 'cannot-be-read',
          severity: 'warning',
          is,
          follows: 'systemd ignores the line, and the default counts',
          write: remedy
        }
      ]
    ]
  }
  // A time of 0 means that there is no limit.
  if (given === 0) return []
  const setting = line === undefined ? `\`${key}\` is not written, and its default` : `\`${key}\``
  const found = graceRule(site.settings, { given, needed: needed * 1_000, setting, remedy })
  const extends_ = /^notify/.test(lastOf(unit, 'Service', 'Type')?.value ?? '')
  return found.map((conflict) => [line, extends_ ? extended(conflict) : conflict])
}

/** Makes the conflict a warning, because the plugin for systemd may ask for more time. */
function extended(conflict: Conflict): Conflict {
  const follows = `${conflict.follows}, unless the plugin \`fastify-lifecycle/systemd\` asks for more time`
  return { ...conflict, severity: 'warning', follows }
}

export function signalRules(unit: Unit, site: Site): readonly Placed[] {
  const lines = ['KillSignal', 'RestartKillSignal'].map((key) => lastOf(unit, 'Service', key))
  const mode = lastOf(unit, 'Service', 'KillMode')
  const written = lines.filter((line) => line !== undefined)
  const found = written.flatMap((line) => {
    const write = (signal: string) => `\`${line.key}=${signal}\``
    return stopSignalRule(site, line.value, { platform: 'systemd', write }).map(
      (conflict): Placed => [line, conflict]
    )
  })
  if (mode?.value === 'none') found.push([mode, untold])
  const isUsual = lines[0] === undefined && !unit.isPart
  if (isUsual)
    found.push(
      ...signalRule(site.settings, 'SIGTERM', 'systemd').map((conflict): Placed => [undefined, conflict])
    )
  return [...found, ...stopCommands(unit, site)]
}

const untold: Conflict = {
  rule: 'signal-unheard',
  severity: 'error',
  is: '`KillMode=none`: systemd sends no signal, and ends nothing',
  follows: 'the app gets no signal, and still runs when the unit has stopped',
  write: 'Write `KillMode=mixed`'
}

/** Checks commands such as `ExecStop=/bin/kill -QUIT $MAINPID`. Their signal arrives before the stop signal. */
function stopCommands(unit: Unit, site: Site): readonly Placed[] {
  return allOf(unit, 'Service', 'ExecStop').flatMap((line) => {
    const signal = signalSentBy(commandIn(line.value))
    if (signal === undefined) return []
    const platform = '`ExecStop` sends a signal of its own: it'
    const write = (name: string) => `\`KillSignal=${name}\`, and leave \`ExecStop\` out`
    return stopSignalRule(site, signal, { platform, write }).map((conflict): Placed => [line, conflict])
  })
}

function signalSentBy(words: readonly string[]): string | undefined {
  const at = words.findIndex((word) => /(^|[/\s])(kill|pkill|killall)$/.test(word))
  if (at === -1) return undefined
  const [first = '', second = ''] = words.slice(at + 1)
  const given = /^(-s|--signal|-n)$/.test(first) ? second : /^-(?:-signal=)?([A-Z0-9+]+)$/i.exec(first)?.[1]
  return given === undefined ? undefined : signalNamed(given)
}

export function killRules(unit: Unit, { settings }: Site): readonly Placed[] {
  const line = lastOf(unit, 'Service', 'SendSIGKILL')
  if (!isNo(line)) return []
  return [
    [
      line,
      {
        rule: 'kill-missing',
        severity: settings.hardKill === false ? 'error' : 'warning',
        is: '`SendSIGKILL` is off, so systemd never kills a process',
        follows:
          'a process that hangs still runs when the unit has stopped, and the next process cannot open the port',
        write: 'Leave it out'
      }
    ]
  ]
}
