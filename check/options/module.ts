import { readFile } from 'node:fs/promises'
import { resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { quoted, UsageError } from '../../command/command.ts'
import type { LifecycleOptions } from '../../lib/options/options.ts'

/** The names that an export with the options may have. */
const usual = ['options', 'lifecycle', 'lifecycleOptions', 'default']

/** The options of a module, `file.js` or `file.js#name`, or of a JSON file. The module is run. */
export async function optionsFromModule(given: string): Promise<LifecycleOptions> {
  const [file = '', name] = given.split('#')
  const exported = await load(file)
  const names = name === undefined ? usual : [name]
  const found = names.map((each) => exported[each]).find(isOptions)
  if (found !== undefined) return found
  const known = Object.keys(exported).join(', ') || 'none'
  throw new UsageError(
    name === undefined
      ? `${quoted(file)} exports no options as ${usual.join(', ')}. Its exports: ${known}. Name one: ${file}#name`
      : `${quoted(file)} exports no object called ${quoted(name)}. Its exports: ${known}.`
  )
}

function isOptions(value: unknown): value is LifecycleOptions {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

async function load(file: string): Promise<Record<string, unknown>> {
  try {
    if (file.endsWith('.json')) return { default: JSON.parse(await readFile(file, 'utf8')) as unknown }
    const loaded = (await import(pathToFileURL(resolve(file)).href)) as Record<string, unknown>
    // Named exports of a CommonJS module are also below its default export.
    const { default: inner } = loaded
    return isOptions(inner) ? { ...(inner as Record<string, unknown>), ...loaded } : loaded
  } catch (error) {
    const { message } = error as Error
    throw new UsageError(`${quoted(file)} cannot be loaded: ${message.split('\n', 1)[0]}`)
  }
}
