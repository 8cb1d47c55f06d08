import { readFileSync } from 'node:fs'
import Fastify from 'fastify'
import lifecycle from '../../index.ts'
import { withGenerated } from './generated.ts'
import { mistakes } from './mistakes.ts'
import { inRoot } from './pages.ts'
import type { Reflection } from './reference.ts'

// `docs/options.md`: each option as its comment in the code explains it, and what comes of a mistake.

/** A group of options: the interface in the code, and how the page calls its members. */
interface Group {
  readonly type: string
  readonly title: string
  readonly prefix: string
}

const groups: readonly Group[] = [
  { type: 'LifecycleOptions', title: 'The plugin', prefix: '' },
  { type: 'HealthOptions', title: 'Parts of `health`', prefix: 'health.' },
  { type: 'CheckOptions', title: 'A check', prefix: 'check.' },
  { type: 'WebSocketOptions', title: 'Parts of `websocket`', prefix: 'websocket.' },
  { type: 'HardKillOptions', title: 'Parts of `hardKill`', prefix: 'hardKill.' },
  { type: 'LogOptions', title: 'Parts of `log`', prefix: 'log.' },
  { type: 'HookOptions', title: 'A hook', prefix: 'hook.' },
  { type: 'RouteLifecycle', title: 'A route', prefix: 'config.lifecycle.' }
]

/** An option, by the name that the page has for it. */
export interface Option {
  readonly name: string
  readonly reflection: Reflection
}

export function optionsIn(model: Reflection): Option[] {
  return groups.flatMap((group) => membersOf(model, group))
}

export async function optionsPage(model: Reflection): Promise<string> {
  const parts = []
  for (const group of groups) {
    parts.push(`## ${group.title}`)
    for (const option of membersOf(model, group)) parts.push(await entryOf(option))
  }
  return withGenerated(readFileSync(inRoot('docs/options.md'), 'utf8'), 'options', parts.join('\n\n'))
}

function membersOf(model: Reflection, { type, prefix }: Group): Option[] {
  const everything = model.children?.flatMap((module) => module.children ?? []) ?? []
  const found = everything.find(({ name }) => name === type)
  if (found === undefined) throw new Error(`${type} is not exported`)
  const members = found.children ?? []
  return members.map((reflection) => ({ name: `${prefix}${reflection.name}`, reflection }))
}

async function entryOf({ name, reflection }: Option): Promise<string> {
  const required = reflection.flags.isOptional === true ? [] : ['Required.']
  const byDefault = tagged(reflection, '@default')
  const sources = [...(tagged(reflection, '@see') ?? '').matchAll(/https:\S+/g)].map(([url]) => `<${url}>`)
  return [
    `### \`${name}\``,
    textOf(reflection.comment?.summary),
    ...(byDefault === undefined ? required : [`Default: ${asCode(byDefault)}`]),
    tagged(reflection, '@example'),
    await consequenceOf(name),
    ...(sources.length === 0 ? [] : [`Source: ${sources.join(', ')}`])
  ].join('\n\n')
}

/** A default that is a value and no sentence is shown as code. */
function asCode(text: string): string {
  return /^(\[.*\]|\{.*\}|'[^']*'|true|false|\d+)$/.test(text) ? `\`${text}\`` : text
}

/** What one mistake with the option leads to: the error is the real one. */
async function consequenceOf(name: string): Promise<string> {
  const { code, message } = await errorOf(name)
  return `A mistake: \`${mistakes[name]?.says}\` is \`${code}\`:\n\n> ${message}`
}

export async function errorOf(name: string): Promise<{ code: string; message: string }> {
  const mistake = mistakes[name]
  if (mistake === undefined) throw new Error(`no mistake with the option '${name}' is in mistakes.ts`)
  const app = Fastify()
  try {
    await app.register(lifecycle, { signals: false, ...mistake.options } as never)
    mistake.makes?.(app)
    await app.ready()
  } catch (error) {
    return error as { code: string; message: string }
  } finally {
    await app.close().catch(() => {})
  }
  throw new Error(`the mistake with the option '${name}' is none`)
}

export function tagged({ comment }: Reflection, tag: string): string | undefined {
  const found = comment?.blockTags?.find((one) => one.tag === tag)
  return found && textOf(found.content)
}

function textOf(parts: readonly { readonly text: string }[] | undefined): string {
  return (parts ?? [])
    .map(({ text }) => text)
    .join('')
    .trim()
}
