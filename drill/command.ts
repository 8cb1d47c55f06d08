import { randomInt } from 'node:crypto'
import { appendFile } from 'node:fs/promises'
import { type Command, type ExitCode, UsageError } from '../command/command.ts'
import { helpOf } from '../command/help.ts'
import type { Terminal } from '../command/terminal.ts'
import { drill as carryOut } from './drill.ts'
import { Failure } from './failure.ts'
import { type Asked, ofTheApp, ofTheEnd, ofTheLoad, ofTheVerdict, readAsked } from './flags.ts'
import { Progress } from './progress.ts'
import { randomFrom } from './random.ts'
import { faultsOf, judge, type Run } from './result.ts'
import { verdictJSON } from './verdict/json.ts'
import { verdictMarkdown } from './verdict/markdown.ts'
import { verdictText } from './verdict/text.ts'

/** `fastify-lifecycle drill` */
export const drill: Command<Asked> = {
  help: helpOf({
    usage: ['drill [flags] -- <command that starts your server>', 'drill [flags] --pid <pid> --url <url>'],
    about: `Starts your server as it runs in production, puts load on it, sends it SIGTERM in the middle of that, and says
what became of each request, how the process ended, and what to do about what was wrong. It works for every
HTTP server. All that it has started is gone afterwards, whatever happens.`,
    flags: { 'The app': ofTheApp, 'The load': ofTheLoad, 'The end': ofTheEnd, 'The verdict': ofTheVerdict },
    examples: [
      ['drill -- node server.js', 'the first verdict'],
      [
        'drill --path /orders/1 --slow-path /export --sse /events -- npm start',
        'with the paths that do real work'
      ],
      ['drill --repeat 20 --seed 1 -- node server.js', 'at twenty moments'],
      ['drill --pid 4711 --url http://localhost:3000', 'what runs already']
    ],
    exitCodes: {
      0: 'nothing is wrong',
      1: 'something is wrong',
      2: 'the drill could not be carried out',
      130: 'Ctrl-C'
    },
    page: 'drill.md'
  }),

  read: readAsked,

  async run(asked, terminal) {
    if (process.platform === 'win32')
      throw new UsageError('The drill needs signals, which Windows does not have.')
    const interrupt = new AbortController()
    const onInterrupt = () => interrupt.abort()
    for (const signal of endings) process.once(signal, onInterrupt)
    const progress = new Progress(terminal.stderr, asked.isQuiet)
    try {
      const seed = asked.seed ?? randomInt(2 ** 32)
      return await conclude(
        asked,
        seed,
        await runsOf(asked, seed, terminal, progress, interrupt.signal),
        terminal
      )
    } catch (error) {
      progress.end()
      if (interrupt.signal.aborted) return 130
      if (asked.isJSON && error instanceof Failure) {
        const failure = { version: 1, ok: false, error: { code: error.code, message: error.message } }
        terminal.stdout.write(`${JSON.stringify(failure, null, 2)}\n`)
      }
      throw error
    } finally {
      for (const signal of endings) process.off(signal, onInterrupt)
    }
  }
}

const endings = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const
/** The signal comes at a random moment: after this part of the load time, and before its end. */
const earliest = 0.25

async function runsOf(
  { setup, repeat }: Asked,
  seed: number,
  { env }: Terminal,
  progress: Progress,
  signal: AbortSignal
): Promise<readonly Run[]> {
  const random = randomFrom(seed)
  const runs: Run[] = []
  for (let number = 1; number <= repeat; number++) {
    const load = repeat === 1 ? setup.load : setup.load * (earliest + (1 - earliest) * random())
    const which = repeat === 1 ? '' : `${number}/${repeat} `
    const seen = await carryOut(
      { ...setup, load, cwd: process.cwd(), env },
      { signal, onStep: (step) => progress.step(which, step) }
    )
    signal.throwIfAborted()
    runs.push(judge(seen))
  }
  return runs
}

async function conclude(
  asked: Asked,
  seed: number,
  runs: readonly Run[],
  terminal: Terminal
): Promise<ExitCode> {
  const { command, pid } = asked.setup
  const name = pid === undefined ? command.join(' ') : `process ${pid}`
  const file = asked.summary ?? terminal.env['GITHUB_STEP_SUMMARY']
  if (file) await append(file, verdictMarkdown(name, runs))
  if (asked.isJSON) terminal.stdout.write(verdictJSON(command, seed, runs))
  else {
    terminal.stdout.write(verdictText(runs, terminal.stdout, await timelineOf(runs, terminal)))
    if (runs.length > 1) terminal.stdout.write(`\nThe same moments again: --seed ${seed}\n`)
  }
  return runs.every((run) => faultsOf(run).length === 0) ? 0 : 1
}

async function append(file: string, text: string): Promise<void> {
  await appendFile(file, text).catch(({ message }: Error) => {
    throw new UsageError(`The summary cannot be written: ${message}.`)
  })
}

/** The report of the plugin as a timeline, if the app has logged a report. */
async function timelineOf(runs: readonly Run[], { stdout }: Terminal): Promise<string | undefined> {
  const { report } = (runs.at(-1) as Run).seen
  if (report === undefined || runs.length > 1) return undefined
  try {
    const { formatReport } = await import('../report/index.ts')
    return formatReport(report, { width: Math.max(60, Math.min(stdout.columns, 100)) })
  } catch {
    // Another version of the plugin may have written a report that this version cannot draw.
    return undefined
  }
}
