import { readFileSync, writeFileSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { median } from 'simple-statistics'
import type { Run } from './run.ts'

/** What one run has come to, in numbers. Times in ms. */
export interface Summary {
  readonly restarts: number
  readonly crashes: number
  readonly answered: number
  readonly refused: number
  readonly serverErrors: number
  readonly lost: number
  readonly lostInCrash: number
  readonly slowest: number
  /** From the signal until the next process listens: the longest, and its parts, the median of each. */
  readonly longestRestart: number
  readonly ending: number
  readonly boot: number
  readonly unclean: number
}

/** All that one command found. */
export interface Results {
  readonly date: string
  readonly node: string
  readonly cores: number
  readonly orderly: Summary
  readonly crashing: Summary
  /** The same without anybody who holds the socket. */
  readonly unheld: Summary
}

export function summarize({ restarts, answered, slowest, failures, lostInCrash, reports }: Run): Summary {
  const count = (kind: string) => failures.filter((failure) => failure.kind === kind).length
  return {
    restarts: restarts.length,
    crashes: restarts.filter(({ isCrash }) => isCrash).length,
    answered,
    refused: count('refused'),
    serverErrors: count('5xx'),
    lost: count('lost'),
    lostInCrash: lostInCrash.length,
    slowest: Math.round(slowest),
    longestRestart: Math.round(Math.max(...restarts.map(({ ending, boot }) => ending + boot))),
    ending: Math.round(median(restarts.map(({ ending }) => ending))),
    boot: Math.round(median(restarts.map(({ boot }) => boot))),
    unclean: reports.filter(({ outcome }) => outcome !== 'clean').length
  }
}

/** What must not be where somebody holds the socket, in words. Empty if all is well. */
export function problemsOf({ refused, serverErrors, lost, unclean }: Summary): string[] {
  const problems = Object.entries({
    refused,
    'answered with 5xx': serverErrors,
    lost,
    'unclean ends': unclean
  })
  return problems.filter(([, count]) => count > 0).map(([what, count]) => `${what}: ${count}`)
}

export function resultsOf(runs: Readonly<Record<'orderly' | 'crashing' | 'unheld', Run>>): Results {
  return {
    date: new Date().toISOString().slice(0, 10),
    node: process.versions.node,
    cores: availableParallelism(),
    orderly: summarize(runs.orderly),
    crashing: summarize(runs.crashing),
    unheld: summarize(runs.unheld)
  }
}

const rows: readonly (readonly [string, (summary: Summary) => number])[] = [
  ['restarts', ({ restarts }) => restarts],
  ['of them by SIGKILL', ({ crashes }) => crashes],
  ['requests answered', ({ answered }) => answered],
  ['**refused**', ({ refused }) => refused],
  ['**answered with 5xx**', ({ serverErrors }) => serverErrors],
  ['**lost**', ({ lost }) => lost],
  ['in flight at a SIGKILL', ({ lostInCrash }) => lostInCrash],
  ['slowest answer, ms', ({ slowest }) => slowest],
  ['from the signal until the next process listens: the longest, ms', ({ longestRestart }) => longestRestart],
  ['from the signal to the exit: the median, ms', ({ ending }) => ending],
  ['from the exit until the next process listens: the median, ms', ({ boot }) => boot]
]

/** The results as a page shows them. */
export function markdownOf({ date, node, cores, orderly, crashing, unheld }: Results): string {
  const cells = (row: (summary: Summary) => number) =>
    [orderly, crashing, unheld].map((summary) => row(summary).toLocaleString('en')).join(' | ')
  return [
    `Node.js ${node}; ${cores} cores for the service and its clients; ${date}`,
    '',
    '| | socket held | socket held, with crashes | nobody holds it |',
    '|---|---:|---:|---:|',
    ...rows.map(([name, row]) => `| ${name} | ${cells(row)} |`)
  ].join('\n')
}

// The compiled program runs in build/, and its results belong to the source.
const root = new URL('../../../', import.meta.url)
const file = new URL('benchmark/results/sockets.json', root)
const page = new URL('docs/platforms/systemd.md', root)
const marked = /(<!-- table: npm run soak -- sockets -->\n).*?(<!-- \/table -->)/s

export function saveResults(results: Results): void {
  writeFileSync(file, `${JSON.stringify(results, null, 2)}\n`)
  writeFileSync(page, withTable(readFileSync(page, 'utf8'), results))
}

/** What the page is, and what it should be. */
export function pageAndExpected(): readonly [string, string] {
  const text = readFileSync(page, 'utf8')
  return [text, withTable(text, JSON.parse(readFileSync(file, 'utf8')))]
}

function withTable(text: string, results: Results): string {
  return text.replace(marked, (_all, begin, end) => `${begin}\n${markdownOf(results)}\n\n${end}`)
}
