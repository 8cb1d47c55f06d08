import { parseArgs } from 'node:util'
import type { LifecycleOptions } from '../lib/options.ts'
import { oneOf, onlyKeys } from '../lib/validate.ts'
import { deploymentFor } from './index.ts'
import type { DeploymentOptions } from './options.ts'
import { platformNames } from './platforms.ts'

/** What a run of the command has written, and its exit code. */
export interface Outcome {
  readonly stdout: string
  readonly stderr: string
  readonly exitCode: 0 | 2
}

// Each flag with what it is followed by, and what it is for.
const flags = {
  for: ['<platform>', `one of ${platformNames.join(', ')}`],
  deadline: ['<ms>', 'the options of the app, as they are given to `register`; what is'],
  'lame-duck': ['<ms>', 'left out is what the plugin uses on that platform'],
  'drain-timeout': ['<ms>', ''],
  ready: ['<path>', 'the path of the readiness probe, /readyz'],
  live: ['<path>', 'the path of the liveness probe, /livez'],
  startup: ['<path>', 'the path of the startup probe'],
  'probe-port': ['<port>', 'the port that the probes have for themselves, `health.port`'],
  name: ['<name>', 'the name of the app, app'],
  image: ['<image>', 'the container image, app:latest'],
  port: ['<port>', 'the port that the app listens on, 3000'],
  host: ['<host>', 'where a proxy finds the app; may be repeated'],
  replicas: ['<number>', 'how many pods Kubernetes runs, 2'],
  grace: ['<ms>', 'how long the platform waits before it kills, where that is settled'],
  'probe-period': ['<ms>', 'how readiness is probed, where that is settled'],
  'probe-timeout': ['<ms>', ''],
  'probe-failures': ['<number>', ''],
  json: ['', 'the values as JSON'],
  help: ['', 'this text']
} as const

type Flag = keyof typeof flags
type Given = Partial<Record<Flag, string | boolean | string[]>>

const isSwitch = (flag: string) => flag === 'json' || flag === 'help'

const help = `Usage: fastify-lifecycle deploy --for <platform> [flags]

What a platform must be told so that it agrees with the options of the app. Warnings, where something
does not agree, are comments in what is written, and go to stderr as well.

${Object.entries(flags)
  .map(([flag, [value, what]]) => `  ${`--${flag} ${value}`.padEnd(26)}${what}`.trimEnd())
  .join('\n')}
`

/** Runs the command with what follows its name on the command line. */
export function run(args: readonly string[]): Outcome {
  try {
    return outcomeOf(args)
  } catch (error) {
    const { message } = error as Error
    return { stdout: '', stderr: `${message}\nSee fastify-lifecycle --help\n`, exitCode: 2 }
  }
}

function outcomeOf(args: readonly string[]): Outcome {
  const { given, commands } = parsed(args)
  if (given.help) return { stdout: help, stderr: '', exitCode: 0 }
  if (commands.length === 0) return { stdout: '', stderr: help, exitCode: 2 }
  onlyKeys('', given, Object.keys(flags))
  oneOf('command', commands.join(' '), ['deploy'])
  const platform = oneOf('for', given.for, platformNames)

  const values = deploymentFor(optionsOf(given), placeIn(given))[platform]
  return {
    stdout: given.json ? `${JSON.stringify(values, null, 2)}\n` : values.toText(),
    stderr: values.warnings.map((warning) => `Warning: ${warning}\n`).join(''),
    exitCode: 0
  }
}

/** Not strict, so that what is wrong is said in the same words as everywhere. */
function parsed(args: readonly string[]): { given: Given; commands: string[] } {
  const options = Object.fromEntries(
    Object.keys(flags).map((flag) => [
      flag,
      { type: isSwitch(flag) ? 'boolean' : 'string', multiple: flag === 'host' } as const
    ])
  )
  const { values, positionals } = parseArgs({ args: [...args], options, strict: false })
  return { given: values as Given, commands: positionals }
}

function optionsOf(given: Given): LifecycleOptions {
  return withoutHoles({
    deadline: numberOf(given.deadline),
    lameDuck: numberOf(given['lame-duck']),
    drainTimeout: numberOf(given['drain-timeout']),
    health: withoutHoles({
      live: given.live,
      ready: given.ready,
      startup: given.startup,
      port: numberOf(given['probe-port'])
    })
  }) as LifecycleOptions
}

function placeIn(given: Given): DeploymentOptions {
  return withoutHoles({
    name: given.name,
    image: given.image,
    port: numberOf(given.port),
    hosts: given.host,
    replicas: numberOf(given.replicas),
    grace: numberOf(given.grace),
    probe: withoutHoles({
      period: numberOf(given['probe-period']),
      timeout: numberOf(given['probe-timeout']),
      failures: numberOf(given['probe-failures'])
    })
  }) as DeploymentOptions
}

/** What is no number is left as it is, for the check that every option has. */
function numberOf(value: Given[Flag]): unknown {
  return typeof value === 'string' && /^\d+(\.\d+)?$/.test(value) ? Number(value) : value
}

function withoutHoles(values: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined))
}
