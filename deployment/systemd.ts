import { hostReserve, secondsFor } from './grace.ts'
import { graceRule, hooksRule, leftToOthers, signalRule } from './rules.ts'
import { type Advice, type Site, stopSignalOf } from './site.ts'
import { commented } from './text.ts'

/** What systemd must be told: the lines of a unit's `[Service]` section. */
export interface SystemdValues extends Advice {
  readonly service: {
    /** The app says when it is ready, with the plugin `fastify-lifecycle/systemd`. */
    readonly Type: 'notify'
    /** It is a program beside the app that says so. */
    readonly NotifyAccess: 'all'
    readonly ExecStart: string
    /** The signal is for the app alone; what is left of its children is killed with it. */
    readonly KillMode: 'mixed'
    readonly KillSignal: string
    /** `deadline` and a second, in whole seconds. */
    readonly TimeoutStopSec: number
    readonly Restart: 'on-failure'
  }
}

export function systemdFor(site: Site): SystemdValues {
  const { budget, settings, place } = site
  const KillSignal = stopSignalOf(site)
  const needed = secondsFor(settings.deadline, hostReserve)
  const service = {
    Type: 'notify',
    NotifyAccess: 'all',
    ExecStart: `/usr/bin/node /srv/${place.name}/server.js`,
    KillMode: 'mixed',
    KillSignal,
    TimeoutStopSec: place.grace === undefined ? needed : Math.floor(place.grace / 1_000),
    Restart: 'on-failure'
  } as const
  const warnings = [
    ...signalRule(site, KillSignal, 'systemd'),
    ...graceRule(site, needed * 1_000, '`TimeoutStopSec`'),
    ...hooksRule(site)
  ]
  const notes = [
    '`Type=notify` needs the plugin `fastify-lifecycle/systemd` in the app: without it systemd waits for a message that never comes, and kills the app. Without the plugin, use `Type=exec` and leave `NotifyAccess` out.',
    '`WatchdogSec=30`, say, has systemd end an app whose event loop does not turn for so long; the plugin sees to the rest.',
    '`SuccessExitStatus` is left as it is: 0 is a clean shutdown, and 1 or SIGKILL should be seen as the failures that they are.',
    ...leftToOthers(site)
  ]
  const lines = Object.entries(service).map(([key, value]) => `${key}=${value}`)
  const unit = [
    '[Unit]',
    `Description=${place.name}`,
    '',
    '[Service]',
    ...lines,
    '',
    '[Install]',
    'WantedBy=multi-user.target',
    ''
  ]
  return { budget, service, warnings, notes, toText: () => commented({ warnings, notes }, unit.join('\n')) }
}
