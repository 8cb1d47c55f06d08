import { styleText } from 'node:util'
import type { Run } from './drill.ts'

/** What is shown of each run. What is `bad`, users see as an error. */
const rows: readonly [name: string, cell: (run: Run) => string, isBad?: (run: Run) => boolean][] = [
  ['answered after the signal', (run) => String(sum(run, 'answered'))],
  ['503: come back in a moment', (run) => String(sum(run, 'toldToComeBack'))],
  ['cut or lost', (run) => String(lostIn(run)), (run) => lostIn(run) > 0],
  ['no new connections from', ({ firstRefusal: at }) => (at === undefined ? 'never' : seconds(at))],
  ['the process has gone at', endOf, ({ exit }) => exit === undefined]
]

const width = 22

/** Whether the demo has shown what it is there to show. */
export function isProved(run: Run): boolean {
  return run.exit?.code === 0 && lostIn(run) === 0 && sum(run, 'answered') > 0
}

/** Both runs beside each other, and what follows from them. */
export function table(plain: Run, plugin: Run): string {
  const runs = [plain, plugin]
  return [
    line('', ['app.close()', 'fastify-lifecycle'].map(styled('bold'))),
    ...rows.map(([name, cell, isBad = () => false]) =>
      line(
        name,
        runs.map((run) => styled(isBad(run) ? 'red' : undefined)(cell(run)))
      )
    ),
    '',
    conclusion(plugin)
  ].join('\n')
}

function conclusion(plugin: Run): string {
  if (isProved(plugin))
    return styleText('green', '✓ With the plugin no request was lost, and the app ended in time.')
  return styleText('red', '✗ With the plugin a request was lost, or the exit code was not 0.')
}

/** A text in its column, and in its look. */
function styled(look: 'bold' | 'red' | undefined): (text: string) => string {
  return (text) => (look === undefined ? text.padStart(width) : styleText(look, text.padStart(width)))
}

function line(name: string, cells: readonly string[]): string {
  return `  ${name.padEnd(28)}${cells.join('')}`
}

/** A request that got an answer with an error, a part of one, or none. */
function lostIn(run: Run): number {
  return sum(run, 'failed') + sum(run, 'cut') + sum(run, 'lost') + sum(run, 'unanswered')
}

function sum({ requests: { inFlight, after } }: Run, fate: keyof Run['requests']['after']): number {
  return inFlight[fate] + after[fate]
}

function endOf({ exit, grace }: Run): string {
  if (exit === undefined) return `${seconds(grace)}, killed`
  return `${seconds(exit.after)}, ${exit.signal ?? `code ${exit.code}`}`
}

function seconds(time: number): string {
  return `${(time / 1_000).toFixed(1)} s`
}
