import type { Command } from '../command/command.ts'
import { UsageError } from '../command/command.ts'
import { readFlags } from '../command/flags.ts'
import { helpOf } from '../command/help.ts'
import { numberFrom, optionsFromFlags, singleFlags } from '../command/option-flags.ts'
import { FST_LIFECYCLE_BUDGET_IMPOSSIBLE } from '../lib/errors.ts'
import type { LifecycleOptions } from '../lib/options/options.ts'
import { settingsOf } from '../lib/options/settings.ts'
import { aPort, oneOf } from '../lib/validation/validate.ts'
import { collect } from './files/collect.ts'
import { readText } from './files/folder.ts'
import { type Format, formats } from './files/formats.ts'
import { optionsFromLog } from './options/log.ts'
import { optionsFromModule } from './options/module.ts'
import { jsonOf } from './output/json.ts'
import { isWrong } from './output/result.ts'
import { sarifOf } from './output/sarif.ts'
import { textOf } from './output/text.ts'
import { ruleNames } from './rules/names.ts'
import { checkAll } from './run.ts'

const optionFlags = {
  options: {
    value: '<file>',
    text: 'a module or JSON file with the options; `file.js#name` for a named export'
  },
  log: { value: '<file>', text: 'a log of the running app: the `deadline` of its last report' },
  ...singleFlags
} as const

const ofTheFiles = {
  app: {
    value: '<name>',
    multiple: true,
    text: 'what is the app, if more is deployed: a workload, container, service,\nunit, backend; may be repeated'
  },
  port: { value: '<port>', text: 'the port that the app listens on' },
  as: { value: '<format>', text: `what the files are, if their names do not tell:\n${formats.join(', ')}` },
  ignore: { value: '<rule>', multiple: true, text: 'a rule that is not wanted; may be repeated' }
} as const

const output = {
  json: { text: 'what came out as JSON' },
  sarif: { text: 'the same as SARIF 2.1.0, for code scanning' },
  help: { short: 'h', text: 'this text' }
} as const

const flags = { ...optionFlags, ...ofTheFiles, ...output }

/** The arguments of the command, read and checked. */
export interface Wanted {
  readonly names: readonly string[]
  readonly module: string | undefined
  readonly log: string | undefined
  /** The options that flags set, which override the options of a module or a log. */
  optionsOver(base: LifecycleOptions): LifecycleOptions
  readonly apps: readonly string[]
  readonly port: number | undefined
  readonly format: Format | undefined
  readonly ignored: readonly string[]
  readonly output: 'text' | 'json' | 'sarif'
}

/** The command `fastify-lifecycle check`. */
export const check: Command<Wanted> = {
  help: helpOf({
    usage: ['check [flags] <file, folder or ->...'],
    about: `Reads what is deployed, and finds where it conflicts with the options of the app and with itself:
Kubernetes, Compose, Dockerfiles, systemd, HAProxy, nginx, PM2, ECS, Fly. \`-\` is the standard input.
Nothing is changed, and nothing is sent anywhere.`,
    flags: { 'The options of the app': optionFlags, 'What is deployed': ofTheFiles, Output: output },
    examples: [
      ['check k8s/ Dockerfile', 'the defaults of the plugin against these files'],
      ['check --options lifecycle.js deploy/', 'the options that the app gives to `register`'],
      ['check - --deadline 40000 < rendered.yaml', 'what a pipe brings: `helm template . | … check -`']
    ],
    exitCodes: {
      0: 'nothing is wrong',
      1: 'something is wrong',
      2: 'the command or the options make no sense'
    },
    page: 'check.md'
  }),

  read(args) {
    const { flags: given, rest } = readFlags(flags, args)
    if (rest.length === 0) throw new UsageError("'check' needs a file, a folder or - for the standard input.")
    if (given.json && given.sarif) throw new UsageError("'--json' and '--sarif' exclude each other.")
    for (const rule of given.ignore ?? []) oneOf('ignore', rule, ruleNames)
    return {
      names: rest,
      module: given.options,
      log: given.log,
      optionsOver: (base) => optionsFromFlags(given, base),
      apps: given.app ?? [],
      port: given.port === undefined ? undefined : aPort('port', numberFrom(given.port) ?? given.port, 1),
      format: given.as === undefined ? undefined : oneOf('as', given.as, formats),
      ignored: given.ignore ?? [],
      output: given.json ? 'json' : given.sarif ? 'sarif' : 'text'
    }
  },

  async run(wanted, terminal) {
    const { names, module, log, apps, port, format, ignored } = wanted
    if (module !== undefined && log !== undefined)
      throw new UsageError("'--options' and '--log' exclude each other.")
    const base =
      module !== undefined
        ? await optionsFromModule(module)
        : log !== undefined
          ? await optionsFromLog(log)
          : {}
    const options = wanted.optionsOver(base)
    reject(options)
    const collected = await collect(names, terminal.stdin)
    const result = checkAll(collected, {
      app: { options, port, names: apps },
      format,
      ignored,
      read: readText
    })
    const { stdout } = terminal
    const text = { json: jsonOf, sarif: sarifOf, text: () => textOf(result, stdout) }[wanted.output](result)
    stdout.write(text)
    if (result.checked.length === 0 && result.findings.length === 0) return 2
    return isWrong(result) ? 1 : 0
  }
}

/**
 * Throws for options that are invalid on every platform. If an option is invalid only on one platform, the rules of
 * this platform report it.
 */
function reject(options: LifecycleOptions): void {
  try {
    settingsOf(options, {})
  } catch (error) {
    if (!(error instanceof FST_LIFECYCLE_BUDGET_IMPOSSIBLE)) throw error
  }
}
