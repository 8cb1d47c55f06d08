import { readFile } from 'node:fs/promises'
import { quoted, UsageError } from '../../command/command.ts'
import type { LifecycleOptions } from '../../lib/options/options.ts'

/**
 * The options in the last report of the app's log. The log has one JSON object in each line, as pino writes it.
 */
export async function optionsFromLog(file: string): Promise<LifecycleOptions> {
  const lines = (await read(file)).split('\n')
  for (const line of lines.reverse()) {
    const deadline = line.includes('LIFECYCLE_') ? deadlineIn(line) : undefined
    if (deadline !== undefined) return { deadline }
  }
  throw new UsageError(
    `${quoted(file)} has no line with the code LIFECYCLE_REPORT and a deadline. Take the log of an app that was shut down once, as JSON.`
  )
}

async function read(file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8')
  } catch {
    throw new UsageError(`There is no file ${quoted(file)}.`)
  }
}

function deadlineIn(line: string): number | undefined {
  try {
    const { report, deadline } = JSON.parse(line.slice(line.indexOf('{'))) as {
      readonly report?: { readonly deadline?: unknown }
      readonly deadline?: unknown
    }
    const found = report?.deadline ?? deadline
    return typeof found === 'number' ? found : undefined
  } catch {
    return undefined
  }
}
