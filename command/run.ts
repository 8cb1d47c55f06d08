import { nearest } from '../lib/validation/nearest.ts'
import { type Command, type ExitCode, HelpWanted, quoted, UsageError } from './command.ts'
import { commands } from './commands.ts'
import type { Terminal } from './terminal.ts'

/** Runs the command that the arguments name. Resolves with the exit code. */
export async function run(args: readonly string[], terminal: Terminal): Promise<ExitCode> {
  const [word = '', ...others] = args
  const asksForHelp = ['help', '--help', '-h'].includes(word)
  const name = asksForHelp ? others[0] : word
  if (!name) {
    const screen = asksForHelp ? terminal.stdout : terminal.stderr
    screen.write(overview())
    return asksForHelp ? 0 : 2
  }
  try {
    return await runCommand(await commandOf(name), asksForHelp ? ['--help'] : others, terminal)
  } catch (error) {
    if (!isForPeople(error)) throw error
    const page = Object.hasOwn(commands, name) ? `${name} --help` : '--help'
    terminal.stderr.write(`${error.message}\nSee fastify-lifecycle ${page}\n`)
    return 2
  }
}

async function runCommand(command: Command, args: readonly string[], terminal: Terminal): Promise<ExitCode> {
  let given: unknown
  try {
    given = command.read(args)
  } catch (error) {
    if (!(error instanceof HelpWanted)) throw error
    terminal.stdout.write(command.help)
    return 0
  }
  return command.run(given, terminal)
}

/** The command of this name, loaded. */
export async function commandOf(name: string): Promise<Command> {
  const listed = Object.hasOwn(commands, name) ? commands[name] : undefined
  if (listed !== undefined) return listed.load()
  const known = Object.keys(commands)
  const similar = nearest(name, known)
  const advice = similar === undefined ? `There are: ${known.join(', ')}.` : `Did you mean '${similar}'?`
  throw new UsageError(`Unknown command ${quoted(name)}. ${advice}`)
}

/** Whether the error is a usage error, or a coded error of the plugin, for example for a wrong option. */
function isForPeople(error: unknown): error is Error {
  const { code } = error as { readonly code?: unknown }
  return error instanceof UsageError || (typeof code === 'string' && code.startsWith('FST_LIFECYCLE_'))
}

function overview(): string {
  const names = Object.entries(commands)
  const width = Math.max(...names.map(([name]) => name.length)) + 2
  return `Usage: fastify-lifecycle <command> [flags]

Commands:
${names.map(([name, { summary }]) => `  ${name.padEnd(width)}${summary}`).join('\n')}

fastify-lifecycle <command> --help says more about a command.
`
}
