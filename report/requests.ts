import type { Report } from '../lib/report.ts'
import { type Fact, factLines } from './facts.ts'
import type { Canvas } from './options.ts'

/** What became of the requests. */
export function requestLines({ requests }: Report, canvas: Canvas): string[] {
  const { inFlight, completed, rejected, aborted, cut } = requests
  const facts: Fact[] = [
    { text: `${inFlight} ${inFlight === 1 ? 'request' : 'requests'} in flight at T0`, tone: 'plain' },
    { text: `${completed} completed`, tone: 'plain' },
    { text: `${rejected} rejected`, tone: 'plain' },
    { text: `${aborted} aborted`, tone: 'plain' },
    { text: `${cut.length} cut`, tone: cut.length === 0 ? 'plain' : 'bad' }
  ]
  return factLines(facts, canvas)
}
