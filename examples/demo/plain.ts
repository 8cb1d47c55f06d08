import { meanings, type Progress } from './progress.ts'

// The demo where stdout is no terminal: a line for each phase, and one a second.

const barLength = 10
/** In flight when the bar is full: one request of each client. */
const full = 50

/** Writes the progress until the returned function is called. */
export function watchPlain(progress: Progress): () => void {
  const writeCounts = () => console.log(`${time(progress)}  ${counts(progress)}`)
  const writePhase = () => console.log(`${time(progress)}  ${progress.phase}: ${meanings[progress.phase]}`)
  writePhase()
  progress.onPhase = writePhase
  const timer = setInterval(writeCounts, 1_000)
  return () => {
    clearInterval(timer)
    progress.onPhase = () => {}
    writeCounts()
  }
}

function time({ elapsed }: Progress): string {
  return `${(elapsed / 1_000).toFixed(1).padStart(5)} s`
}

function counts({ inFlight, tally }: Progress): string {
  const filled = Math.min(barLength, Math.ceil((inFlight / full) * barLength))
  const bar = '▮'.repeat(filled) + '▯'.repeat(barLength - filled)
  const lost = `${tally.lost.length} lost`
  return `${bar} ${column(inFlight)} in flight ${column(tally.served)} served ${column(tally.rejected)} rejected   ${lost}`
}

function column(count: number): string {
  return String(count).padStart(6)
}
