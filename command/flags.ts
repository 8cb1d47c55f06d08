import { parseArgs } from 'node:util'
import { nearest } from '../lib/validation/nearest.ts'
import { HelpWanted, quoted, UsageError } from './command.ts'

/** A flag of a command. */
export interface Flag {
  /** The value of the flag, as the help shows it: `<ms>`. A switch has no value. */
  readonly value?: string
  readonly short?: string
  /** Present if the flag may be given more than once. */
  readonly multiple?: true
  /** The description of the flag. */
  readonly text: string
}

export type Flags = Readonly<Record<string, Flag>>

/** The flags that were given, by name. */
export type GivenFlags<F extends Flags> = {
  readonly [Name in keyof F]?: F[Name] extends { multiple: true }
    ? readonly string[]
    : F[Name] extends { value: string }
      ? string
      : true
}

export interface Understood<F extends Flags> {
  readonly flags: GivenFlags<F>
  /** The arguments that are no flags. */
  readonly rest: readonly string[]
}

export interface Reading {
  /** From the first word that is no flag on, everything is part of the rest, as in `time ls -l`. */
  readonly stopsAtFirstWord?: boolean
}

/** Reads the flags of a command line. Throws a `UsageError` that says what is wrong with which of them. */
export function readFlags<const F extends Flags>(
  flags: F,
  args: readonly string[],
  { stopsAtFirstWord = false }: Reading = {}
): Understood<F> {
  const options = Object.fromEntries(
    Object.entries(flags).map(([name, { value, short, multiple }]) => [
      name,
      {
        type: value === undefined ? ('boolean' as const) : ('string' as const),
        ...(short !== undefined && { short }),
        ...(multiple && { multiple })
      }
    ])
  )
  const end = stopsAtFirstWord ? endOfFlags(options, args) : args.length
  const { values, positionals, tokens } = parse(options, args.slice(0, end))
  const given = tokens.filter((token) => token.kind === 'option')
  if (given.some(({ name }) => name === 'help')) throw new HelpWanted()
  for (const token of given) check(flags, token)
  const behind = args.slice(args[end] === '--' ? end + 1 : end)
  return { flags: values as GivenFlags<F>, rest: [...positionals, ...behind] }
}

type Options = NonNullable<NonNullable<Parameters<typeof parseArgs>[0]>['options']>

/** Parses without `strict`, so that the messages about mistakes are our own. */
function parse(options: Options, args: readonly string[]) {
  return parseArgs({ args: [...args], options, strict: false, tokens: true })
}

/** The index of the first word that is neither a flag nor the value of a flag. */
function endOfFlags(options: Options, args: readonly string[]): number {
  const first = parse(options, args).tokens.find(({ kind }) => kind !== 'option')
  return first?.index ?? args.length
}

interface OptionToken {
  readonly name: string
  readonly rawName: string
  readonly value: string | undefined
  readonly inlineValue: boolean | undefined
}

function check(flags: Flags, { name, rawName, value, inlineValue }: OptionToken): void {
  const flag = Object.hasOwn(flags, name) ? flags[name] : undefined
  if (flag === undefined) {
    const similar = nearest(name, Object.keys(flags))
    const advice = similar === undefined ? '' : ` Did you mean '--${similar}'?`
    throw new UsageError(`Unknown flag ${quoted(rawName)}.${advice}`)
  }
  if (flag.value === undefined && value !== undefined)
    throw new UsageError(`'--${name}' is a switch and takes no value, but ${quoted(value)} was given.`)
  if (flag.value === undefined) return
  // After a space, a word that begins with `-` is the next flag, and not a value.
  const isMissing = value === undefined || (inlineValue === false && /^-./.test(value))
  if (isMissing) throw new UsageError(`'--${name}' needs a value: --${name}=${flag.value}`)
}
