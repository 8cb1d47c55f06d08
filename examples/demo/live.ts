import { styleText } from 'node:util'
import type { Phase } from 'fastify-lifecycle'
import logUpdate from 'log-update'
import { meanings, type Progress } from './progress.ts'

// The demo in a terminal: one picture that is drawn over and over again.

const phases: readonly Phase[] = ['ready', 'lameDuck', 'draining', 'closing', 'closed']
const levels = [' ', '▁', '▂', '▃', '▄', '▅', '▆', '▇', '█']
/** The columns of a row before its curve. */
const beforeCurve = 22

/** Draws the progress until the returned function is called; the last picture stays. */
export function watchLive(progress: Progress): () => void {
  const draw = () => logUpdate(picture(progress))
  const timer = setInterval(draw, 100)
  return () => {
    clearInterval(timer)
    draw()
    logUpdate.done()
  }
}

function picture(progress: Progress): string {
  const { phase, tally, inFlight, history, elapsed } = progress
  const served = history.map((moment) => moment.served)
  const rejected = history.map((moment) => moment.rejected)
  const flying = history.map((moment) => moment.inFlight)
  const busiest = Math.max(...served, ...rejected)
  const seconds = `${(elapsed / 1_000).toFixed(1)} s`
  return [
    '',
    ` ${walk(phase)}`,
    ` ${styleText('dim', seconds)}  ${meanings[phase].slice(0, width() - 10)}`,
    '',
    row('served', tally.served, styleText('green', curve(served, busiest))),
    row('rejected', tally.rejected, styleText('magenta', curve(rejected, busiest))),
    row('in flight', inFlight, styleText('cyan', curve(flying, Math.max(...flying)))),
    row('lost', tally.lost.length, styleText('dim', pointer(progress)))
  ].join('\n')
}

/** The phases in their order: those that were, the one that is, those to come. */
function walk(current: Phase): string {
  const now = phases.indexOf(current)
  const isRoomy = width() >= 64
  const stations = phases.map((phase, index) => {
    const name = isRoomy || index === now ? ` ${phase}` : ''
    if (index < now) return styleText('cyan', `●${name}`)
    if (index === now) return styleText('bold', styleText('cyan', `◉${name}`))
    return styleText('dim', `○${name}`)
  })
  return stations.join(styleText('dim', isRoomy ? ' ── ' : ' ─ '))
}

function row(name: string, count: number, line: string): string {
  const isBad = name === 'lost' && count > 0
  const number = styleText(isBad ? 'red' : 'bold', String(count).padStart(8))
  return ` ${name.padEnd(10)}${number}   ${line}`
}

/** A curve of eighths of a line's height; something is never drawn as nothing. */
function curve(values: readonly number[], highest: number): string {
  return values
    .slice(-room())
    .map((value) => levels[value === 0 ? 0 : Math.max(1, Math.round((value / highest) * 8))])
    .join('')
}

/** Points from below at the moment of the signal. */
function pointer({ signalledAt, history }: Progress): string {
  const hidden = Math.max(0, history.length - room())
  if (signalledAt === undefined || signalledAt < hidden) return ''
  return `${' '.repeat(signalledAt - hidden)}↑ SIGTERM`.slice(0, room())
}

/** How many values of a curve there is room for. */
function room(): number {
  return width() - beforeCurve - 1
}

/** No line may be wrapped, or one picture would not cover the other. */
function width(): number {
  return Math.max(40, process.stdout.columns || 80)
}
