import { otherThanNode } from '../app/others.ts'
import type { Hearing } from '../commands/hearing.ts'
import { assignmentsIn, expanded, type Variables } from '../commands/variables.ts'
import { scriptOf, wordsOf } from '../commands/words.ts'
import type { Position } from '../tree/tree.ts'
import type { Instruction } from './instructions.ts'

/** A command of an image: its start command or its health check. */
export interface Start {
  readonly at: Position
  /** A `'broken'` command looks like a list of words, but is no valid list. So Docker passes its text to a shell. */
  readonly form: 'exec' | 'shell' | 'broken'
  /** The words of the command, including those of the shell if a shell starts it. */
  readonly words: readonly string[]
}

/** A value with its position. */
export interface Placed<T> {
  readonly at: Position
  readonly value: T
}

/** The image that a stage makes, as far as it matters for a shutdown. */
export interface Image {
  /** The name of the stage. */
  readonly name: string | undefined
  /** The image that the stages are based on. */
  readonly base: string
  readonly entrypoint: Start | undefined
  readonly command: Start | undefined
  readonly stopSignal: Placed<string> | undefined
  /** `undefined` if there is no health check, or if it is disabled. */
  readonly healthCheck: Start | undefined
  readonly variables: Variables
  readonly ports: readonly number[]
  /** The texts of all `RUN` instructions. */
  readonly run: string
  /** The files whose text is in the Dockerfile itself, by their path in the image. */
  readonly written: ReadonlyMap<string, string>
  /** The sources of the files that are copied into the image. */
  readonly copied: readonly string[]
  /** The `ONBUILD` instructions, which a stage based on this one runs first. */
  readonly triggers: readonly Instruction[]
}

/** The image with which a stage begins, before the first instruction of the stage. */
export function imageFrom(base: string, name: string | undefined, stage: Image | undefined): Image {
  const parent = stage ?? {
    entrypoint: undefined,
    command: undefined,
    stopSignal: undefined,
    healthCheck: undefined,
    variables: new Map(),
    ports: [],
    run: '',
    written: new Map(),
    copied: [],
    triggers: []
  }
  return { ...parent, base: stage?.base ?? base, name, triggers: [] }
}

const usualShell = ['/bin/sh', '-c']

/** Applies the instructions of a stage to the image that the stage begins with. */
export function built(from: Image, instructions: readonly Instruction[]): Image {
  let image = from
  let shell: readonly string[] = usualShell
  let hasOwnCommand = false
  for (const instruction of instructions) {
    const { at, name, text } = instruction
    const value = expanded(text, image.variables)
    if (name === 'SHELL') shell = listIn(text) ?? shell
    else if (name === 'CMD') {
      image = { ...image, command: startOf(at, text, shell) }
      hasOwnCommand = true
    } else if (name === 'ENTRYPOINT') {
      // The base image's command was made for the base image's entrypoint, so it does not count with another
      // one.
      const command = hasOwnCommand ? image.command : undefined
      image = { ...image, command, entrypoint: startOf(at, text, shell) }
    } else if (name === 'STOPSIGNAL') image = { ...image, stopSignal: { at, value } }
    else if (name === 'HEALTHCHECK') image = { ...image, healthCheck: healthCheckOf(at, text, shell) }
    else if (name === 'ENV' || name === 'ARG') image = { ...image, variables: withVariables(image, value) }
    else if (name === 'EXPOSE') image = { ...image, ports: [...image.ports, ...portsIn(value)] }
    else if (name === 'RUN') image = { ...image, run: `${image.run}\n${wholeText(instruction)}` }
    else if (name === 'COPY' || name === 'ADD') image = { ...image, ...copyOf(image, instruction) }
    else if (name === 'ONBUILD') image = { ...image, triggers: [...image.triggers, triggerOf(instruction)] }
  }
  return image
}

function startOf(at: Position, text: string, shell: readonly string[]): Start | undefined {
  if (text === '') return undefined
  const list = listIn(text)
  if (list !== undefined) return list.length === 0 ? undefined : { at, form: 'exec', words: list }
  return { at, form: text.startsWith('[') ? 'broken' : 'shell', words: [...shell, text] }
}

/** The words of a command in the exec form, which is a JSON list. */
export function listIn(text: string): readonly string[] | undefined {
  try {
    const value = JSON.parse(text) as unknown
    const isList = Array.isArray(value) && value.every((word) => typeof word === 'string')
    return isList ? (value as string[]) : undefined
  } catch {
    return undefined
  }
}

function healthCheckOf(at: Position, text: string, shell: readonly string[]): Start | undefined {
  const [, command] = /^(?:--\S+\s+)*CMD\s+([\s\S]*)$/i.exec(text) ?? []
  return command === undefined ? undefined : startOf(at, command, shell)
}

function withVariables({ variables }: Image, text: string): Variables {
  return new Map([...variables, ...assignmentsIn(wordsOf(text))])
}

function portsIn(text: string): readonly number[] {
  return text.split(/\s+/).flatMap((word) => {
    const [, port] = /^(\d+)(\/tcp)?$/i.exec(word) ?? []
    return port === undefined ? [] : [Number(port)]
  })
}

function wholeText({ text, heredocs }: Instruction): string {
  return [text, ...heredocs.values()].join('\n')
}

function copyOf(image: Image, { text, heredocs }: Instruction): Pick<Image, 'written' | 'copied'> {
  const words = listIn(text) ?? wordsOf(text).filter((word) => !word.startsWith('--'))
  const isOfAStage = /^--from=|\s--from=/.test(text)
  const target = words.at(-1) ?? ''
  const written = [...heredocs].map(
    ([name, body]) => [target.endsWith('/') ? target + name : target, body] as const
  )
  return {
    written: new Map([...image.written, ...written]),
    copied: isOfAStage ? image.copied : [...image.copied, ...words.slice(0, -1)]
  }
}

function triggerOf({ at, text, heredocs }: Instruction): Instruction {
  const [, name = '', rest = ''] = /^(\S*)\s*([\s\S]*)$/.exec(text) as RegExpExecArray
  return { at, name: name.toUpperCase(), text: rest, heredocs }
}

/**
 * All words that the image starts: the entrypoint with the command as its arguments, unless a shell starts the
 * entrypoint.
 */
export function startWords({ base, entrypoint, command }: Image): readonly string[] {
  if (entrypoint === undefined) return withEntrypointOf(base, command?.words ?? [])
  return entrypoint.form === 'exec' ? [...entrypoint.words, ...(command?.words ?? [])] : entrypoint.words
}

/**
 * Adds the entrypoint of the base image. Some images always start node. Others start node only if the command is no
 * program: `CMD ["server.js"]`.
 */
export function withEntrypointOf(base: string, words: readonly string[]): readonly string[] {
  const [first = ''] = words
  const isNode = /distroless\/nodejs|chainguard\/node|^cgr\.dev\/.*\/node/.test(base)
  const isScript = /(^|\/)node(:|@|$)/.test(base) && /^-|\.[cm]?js$/.test(first)
  return words.length > 0 && (isNode || isScript) ? ['node', ...words] : words
}

/** Whether the `RUN` instructions install or use Node.js. */
function usesNode({ run }: Image): boolean {
  return scriptOf(run).commands.some(({ words }) =>
    words.some((word) => /^(node|nodejs|npm|pnpm|yarn|npx|bun)(@|$)/.test(word))
  )
}

/** Why an image does not contain an app of Node.js; `undefined` if it may contain one. */
export function foreign(image: Image, hearing: Hearing): string | undefined {
  if (hearing.reach === 'other') return `it starts ${hearing.program}`
  if (hearing.reach !== 'unknown') return undefined
  const other = otherThanNode(image.base)
  if (other !== undefined) return `the image is ${other}`
  const bases = /(^|\/)(node|bun|deno|nodejs\d*(-debian\d+)?)(:|@|$)/
  return bases.test(image.base) || usesNode(image)
    ? undefined
    : 'nothing in it says that it starts an app of Node.js'
}
