import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { text } from 'node:stream/consumers'
import { fileURLToPath } from 'node:url'
import type { Report } from 'fastify-lifecycle'

type Fates = Readonly<
  Record<'answered' | 'toldToComeBack' | 'failed' | 'refused' | 'cut' | 'lost' | 'unanswered', number>
>

/** What the demo shows of a drill. `fastify-lifecycle drill --json` tells more. */
export interface Run {
  readonly requests: Readonly<Record<'before' | 'inFlight' | 'after', Fates>>
  /** From when on nobody took new connections, in ms from the signal, as all times are. */
  readonly firstRefusal?: number
  /** Missing if the app had to be killed. */
  readonly exit?: { readonly code: number | null; readonly signal: string | null; readonly after: number }
  readonly grace: number
  readonly report?: Report
}

/** The load: fifty clients that keep their connections, and ten that do not. */
const load = ['--clients', '50', '--rate', '1000', '--path', '/orders/1', '--path', '/checkout']
/** How long the app may take to end: a platform would wait longer. In ms. */
const grace = 8_000

const command = fileURLToPath(new URL('../../command/bin.js', import.meta.url))

/** Starts the app, puts load on it, signals it, and tells what happened to its requests. */
export async function drill(name: string, file: string): Promise<Run> {
  console.log(`\n${name}: one app under load, and SIGTERM in the middle of it`)
  const app = fileURLToPath(new URL(file, import.meta.url))
  const time = ['--load', process.env['DEMO_LOAD'] ?? '3s', '--grace', `${grace}ms`]
  const args = [command, 'drill', '--json', ...load, ...time, '--', process.execPath, app]
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] })
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    // A Ctrl-C in a terminal reaches the drill, too. It ends its app, and then the demo ends.
    process.on(signal, () => child.kill(signal))
  }
  const [json] = await Promise.all([text(child.stdout), once(child, 'exit')])
  const [run] = json === '' ? [] : ((JSON.parse(json) as { readonly runs?: readonly Run[] }).runs ?? [])
  if (run !== undefined) return run
  console.error('The drill could not be carried out.')
  process.exit(child.exitCode ?? 1)
}
