import { sentenceOf } from './conflict.ts'
import { hostReserve, secondsFor } from './grace.ts'
import { probingFor } from './probing.ts'
import {
  hooksRule,
  lameDuckRule,
  leftToOthers,
  readinessRule,
  settledGraceRule,
  signalRule
} from './rules.ts'
import { type Advice, type Site, stopSignalOf } from './site.ts'
import { commented } from './text.ts'
import { toYaml } from './yaml.ts'

/** The settings for Docker. */
export interface DockerValues extends Advice {
  /** `STOPSIGNAL` in a Dockerfile. */
  readonly stopSignal: string
  /** `docker run --stop-timeout` and `docker stop -t`: `deadline` and a second, in whole seconds. */
  readonly stopTimeout: number
  /** `docker run --init`. */
  readonly init: boolean
}

/** The settings for Compose. */
export interface ComposeValues extends Advice {
  readonly file: ComposeFile
}

/** A compose file, with this one service. */
export type ComposeFile = {
  readonly services: {
    readonly [name: string]: {
      readonly image: string
      readonly init: boolean
      readonly stop_signal: string
      readonly stop_grace_period: string
      readonly ports: readonly string[]
    }
  }
}

const dockerDefault = 10

export function dockerFor(site: Site): DockerValues {
  const { budget, place } = site
  const { seconds, init, stopSignal, warnings, notes } = stopOf(site, '`--stop-timeout`')
  const toText = () => {
    const run = `docker run ${init ? '--init ' : ''}--stop-timeout ${seconds} --publish ${place.port}:${place.port} --name ${place.name} ${place.image}`
    const dockerfile = `# In the Dockerfile\nSTOPSIGNAL ${stopSignal}\nCMD ["node", "server.js"]\n`
    return commented(
      { warnings, notes },
      `${dockerfile}\n# In a shell\n${run}\ndocker stop -t ${seconds} ${place.name}\n`
    )
  }
  return { budget, stopSignal, stopTimeout: seconds, init, warnings, notes, toText }
}

export function composeFor(site: Site): ComposeValues {
  const { budget, place } = site
  const { seconds, init, stopSignal, warnings, notes } = stopOf(site, '`stop_grace_period`')
  const file: ComposeFile = {
    services: {
      [place.name]: {
        image: place.image,
        init,
        stop_signal: stopSignal,
        stop_grace_period: `${seconds}s`,
        ports: [`${place.port}:${place.port}`]
      }
    }
  }
  return { budget, file, warnings, notes, toText: () => commented({ warnings, notes }, toYaml(file)) }
}

function stopOf(site: Site, setting: string) {
  const { settings, place } = site
  const stopSignal = stopSignalOf(site)
  const needed = secondsFor(settings.deadline, hostReserve)
  const init = settings.hardKill !== false
  return {
    seconds: place.grace === undefined ? needed : Math.floor(place.grace / 1_000),
    init,
    stopSignal,
    warnings: [
      ...signalRule(settings, stopSignal, 'Docker'),
      ...settledGraceRule(site, needed * 1_000, setting),
      // Docker does not probe readiness, but a balancer in front of Docker may.
      ...(Object.keys(place.probe).length === 0
        ? []
        : [
            ...readinessRule(settings),
            ...lameDuckRule(
              settings,
              probingFor(site, { unit: 1_000, longestPeriod: 10_000, rechecks: true })
            )
          ]),
      ...hooksRule(site)
    ].map(sentenceOf),
    notes: [
      'The app must listen on every address, `listen({ host: \'0.0.0.0\' })`, and be started in the exec form, ["node", "server.js"]. A shell or npm does not pass the signal on.',
      ...(needed > dockerDefault
        ? [
            `Without these values Docker kills after ${dockerDefault} s, which is less than this \`deadline\` needs.`
          ]
        : []),
      ...(init
        ? [
            'The init process is for `hardKill`. Without it, the app is the first process of its container. Such a process ignores its own SIGKILL, and ends with exit code 133.'
          ]
        : []),
      ...leftToOthers(site)
    ]
  }
}
