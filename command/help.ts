import type { Flags } from './flags.ts'

/** The parts of a command's help. */
export interface HelpText {
  /** The words after `fastify-lifecycle`, one line for each form. */
  readonly usage: readonly string[]
  /** What the command does, in paragraphs. */
  readonly about: string
  /** Flags under their headings. */
  readonly flags: Readonly<Record<string, Flags>>
  readonly examples?: readonly (readonly [command: string, what: string])[]
  readonly exitCodes?: Readonly<Record<string, string>>
  /** The page of the documentation. */
  readonly page: string
}

const documentation = 'https://github.com/fastify-lifecycle/fastify-lifecycle/blob/main/docs'

export function helpOf({ usage, about, flags, examples = [], exitCodes = {}, page }: HelpText): string {
  const forms = usage.map((form, index) => `${index === 0 ? 'Usage:' : '      '} fastify-lifecycle ${form}`)
  const groups = Object.entries(flags).map(([heading, group]) => [`${heading}:`, ...rows(group)].join('\n'))
  const parts = [forms.join('\n'), about, ...groups]
  if (examples.length > 0) {
    const lines = examples.flatMap(([command, what]) => [`  # ${what}`, `  npx fastify-lifecycle ${command}`])
    parts.push(['Examples:', ...lines].join('\n'))
  }
  const codes = Object.entries(exitCodes).map(([code, what]) => `  ${code.padEnd(4)}${what}`)
  if (codes.length > 0) parts.push(['Exit codes:', ...codes].join('\n'))
  return `${parts.join('\n\n')}\n\nMore: ${documentation}/${page}\n`
}

function rows(group: Flags): string[] {
  const heads = Object.entries(group).map(([name, { value = '', short, text }]) => {
    const names = short === undefined ? `--${name}` : `-${short}, --${name}`
    return { head: `  ${names} ${value}`.trimEnd(), text }
  })
  const width = Math.max(...heads.map(({ head }) => head.length)) + 2
  return heads.flatMap(({ head, text }) =>
    text.split('\n').map((line, index) => `${(index === 0 ? head : '').padEnd(width)}${line}`.trimEnd())
  )
}
