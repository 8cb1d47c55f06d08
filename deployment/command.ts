import type { Command } from '../command/command.ts'
import { quoted, UsageError } from '../command/command.ts'
import { type GivenFlags, readFlags } from '../command/flags.ts'
import { helpOf } from '../command/help.ts'
import { numberFrom, optionsFromFlags, singleFlags } from '../command/option-flags.ts'
import type { LifecycleOptions } from '../lib/options/options.ts'
import { oneOf } from '../lib/validation/validate.ts'
import { deploymentFor } from './index.ts'
import type { DeploymentOptions } from './options.ts'
import { type Platform, platformNames } from './platforms.ts'

const output = {
  for: { value: '<platform>', text: `one of ${platformNames.join(', ')}` },
  json: { text: 'the values as JSON' },
  help: { short: 'h', text: 'this text' }
} as const

const ofThePlace = {
  name: { value: '<name>', text: 'the name of the app, app' },
  image: { value: '<image>', text: 'the container image, app:latest' },
  port: { value: '<port>', text: 'the port that the app listens on, 3000' },
  host: { value: '<host>', multiple: true, text: 'where a proxy finds the app; may be repeated' },
  replicas: { value: '<number>', text: 'how many pods Kubernetes runs, 2' },
  grace: { value: '<ms>', text: 'how long the platform waits before it kills, where that is settled' },
  'probe-period': { value: '<ms>', text: 'how readiness is probed, where that is settled' },
  'probe-timeout': { value: '<ms>', text: '' },
  'probe-failures': { value: '<number>', text: '' }
} as const

const flags = { ...output, ...singleFlags, ...ofThePlace }
type Given = GivenFlags<typeof flags>

/** The arguments of the command, read and checked. */
export interface Wanted {
  readonly platform: Platform
  readonly options: LifecycleOptions
  readonly place: DeploymentOptions
  readonly isJSON: boolean
}

/** The command `fastify-lifecycle deploy`. */
export const deploy: Command<Wanted> = {
  help: helpOf({
    usage: ['deploy --for <platform> [flags]'],
    about: `Prints the settings of a platform that agree with the options of the app. Where something does not agree, a
warning stands in the output as a comment, and on stderr.`,
    flags: { Flags: output, 'The app': singleFlags, 'The platform': ofThePlace },
    examples: [
      ['deploy --for kubernetes --lame-duck 10000 > deployment.yaml', 'a manifest for these options']
    ],
    exitCodes: { 0: 'done, with or without warnings', 2: 'the flags or the options make no sense' },
    page: 'deployment.md'
  }),

  read(args) {
    const { flags: given, rest } = readFlags(flags, args)
    if (rest.length > 0)
      throw new UsageError(`'deploy' takes flags only, but ${quoted(rest.join(' '))} was given.`)
    const platform = oneOf('for', given.for, platformNames)
    return { platform, options: optionsFromFlags(given), place: placeIn(given), isJSON: given.json === true }
  },

  run({ platform, options, place, isJSON }, { stdout, stderr }) {
    const values = deploymentFor(options, place)[platform]
    stdout.write(isJSON ? `${JSON.stringify(values, null, 2)}\n` : values.toText())
    for (const warning of values.warnings) stderr.write(`Warning: ${warning}\n`)
    return 0
  }
}

function placeIn(given: Given): DeploymentOptions {
  return withoutHoles({
    name: given.name,
    image: given.image,
    port: numberFrom(given.port),
    hosts: given.host,
    replicas: numberFrom(given.replicas),
    grace: numberFrom(given.grace),
    probe: withoutHoles({
      period: numberFrom(given['probe-period']),
      timeout: numberFrom(given['probe-timeout']),
      failures: numberFrom(given['probe-failures'])
    })
  }) as DeploymentOptions
}

function withoutHoles(values: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined))
}
