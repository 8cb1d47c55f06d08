import { sentenceOf } from './conflict.ts'
import { hostReserve, secondsFor } from './grace.ts'
import { handOverRule, hooksRule, leftToOthers, settledGraceRule, signalRule } from './rules.ts'
import { type Advice, type Site, stopSignalOf } from './site.ts'
import { commented } from './text.ts'

/** The settings for systemd: the lines of two units. */
export interface SystemdValues extends Advice {
  /** The `[Socket]` section of the `.socket` unit, which holds the socket while the app restarts. */
  readonly socket: {
    /** Every address. For a proxy on the same host, `127.0.0.1:3000` is enough. */
    readonly ListenStream: number
    /** The name that `systemdSocket('http')` asks for. */
    readonly FileDescriptorName: 'http'
  }
  /** The `[Service]` section of the `.service` unit. */
  readonly service: {
    /** The app says when it is ready, with the plugin `fastify-lifecycle/systemd`. */
    readonly Type: 'notify'
    /** The message to systemd comes from a program that the app starts, and not from the app's own process. */
    readonly NotifyAccess: 'all'
    readonly ExecStart: string
    /** Only the app gets the signal. Children that are still alive after its exit are killed. */
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
  const socket = { ListenStream: place.port, FileDescriptorName: 'http' } as const
  const warnings = [
    ...signalRule(settings, KillSignal, 'systemd'),
    ...settledGraceRule(site, needed * 1_000, '`TimeoutStopSec`'),
    ...handOverRule(settings),
    ...hooksRule(site)
  ].map(sentenceOf)
  const notes = [
    '`Type=notify` needs the plugin `fastify-lifecycle/systemd` in the app. Without the plugin, systemd waits for a message that never comes, and kills the app. In that case, use `Type=exec`, and leave `NotifyAccess` out.',
    `The socket needs \`app.listen(systemdSocket('http') ?? { port: ${place.port} })\` in the app. Then no connection is refused during a restart or after a crash. An app that opens the port itself fails, because systemd has opened it already. For such an app, leave out the \`.socket\` unit and \`Requires\`.`,
    'With `WatchdogSec=30`, for example, systemd ends an app whose event loop is blocked for 30 s. The plugin sends systemd the messages that this needs.',
    '`SuccessExitStatus` keeps its default: 0 is a clean shutdown, and 1 or SIGKILL is a failure.',
    ...leftToOthers(site)
  ]
  const values = { budget, socket, service, warnings, notes }
  return { ...values, toText: () => commented(values, textOf(place.name, values)) }
}

/** The text of both units. The path of its file stands above each unit, as in the output of `systemctl cat`. */
function textOf(name: string, { socket, service }: Pick<SystemdValues, 'socket' | 'service'>): string {
  const ofSocket = unit({
    Unit: { Description: `The socket of ${name}` },
    Socket: socket,
    Install: { WantedBy: 'sockets.target' }
  })
  const ofService = unit({
    // Without this line, the app could start without its socket, and would then open the port itself.
    Unit: { Description: name, Requires: `${name}.socket` },
    Service: service,
    Install: { WantedBy: 'multi-user.target' }
  })
  const folder = '/etc/systemd/system'
  return `# ${folder}/${name}.socket\n${ofSocket}\n# ${folder}/${name}.service\n${ofService}`
}

function unit(sections: Readonly<Record<string, object>>): string {
  const texts = Object.entries(sections).map(([section, values]) => {
    const lines = Object.entries(values).map(([key, value]) => `${key}=${value}\n`)
    return `[${section}]\n${lines.join('')}`
  })
  return texts.join('\n')
}
