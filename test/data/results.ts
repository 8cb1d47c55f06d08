import { readFileSync, writeFileSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import type { Versions } from './ground.ts'
import { dataProblems, type Run, serviceProblems } from './run.ts'
import { type Ending, isKilled } from './schedule.ts'

/** What one run has come to, in numbers. */
export interface Summary {
  readonly restarts: number
  readonly endings: Readonly<Partial<Record<Ending, number>>>
  readonly seconds: number
  readonly acknowledged: number
  readonly refused: number
  readonly unknown: number
  readonly rejected: number
  readonly failedAtKilled: number
  readonly failedElsewhere: number
  readonly wrongExits: number
  readonly hooksFailed: number
  readonly jobsBegunAgain: number
  readonly lost: number
  readonly invented: number
  readonly wrongBalances: number
  readonly jobsLost: number
  readonly jobsDoubled: number
  readonly left: number
  /** Whatever must not be, in words. */
  readonly problems: readonly string[]
}

/** All that one command found. */
export interface Results {
  readonly date: string
  readonly node: string
  readonly cores: number
  readonly versions: Versions
  readonly seed: number
  readonly orderly: Summary
  readonly anyHow: Summary
  readonly reversed: Summary
}

export function summarize(run: Run): Summary {
  const { ends, ledger, findings, leftInQueue, seconds } = run
  const problems = serviceProblems(run)
  const count = (pattern: RegExp) => problems.filter((problem) => pattern.test(problem)).length
  const endings: Partial<Record<Ending, number>> = {}
  for (const { ending } of ends) endings[ending] = (endings[ending] ?? 0) + 1
  const lines = ends.flatMap(({ instance }) => instance.app.logs)
  return {
    restarts: ends.length,
    endings,
    seconds: Math.round(seconds),
    acknowledged: ledger.acknowledged.size,
    refused: ledger.refused.size,
    unknown: ledger.unknown.size,
    rejected: ledger.rejected,
    failedAtKilled: ledger.failed.filter(({ instance }) => isKilled(instance.ending)).length,
    failedElsewhere: count(/^request/),
    wrongExits: count(/^exit/),
    hooksFailed: count(/^hook/),
    jobsBegunAgain: lines.filter(({ msg }) => msg === 'job delivered again').length,
    lost: findings.lost,
    invented: findings.invented,
    wrongBalances: findings.wrongBalances + findings.wrongStatements,
    jobsLost: findings.jobsLost,
    jobsDoubled: findings.jobsDoubled,
    left: findings.leftInOutbox + leftInQueue,
    problems: [...dataProblems(run), ...problems].slice(0, 20)
  }
}

export function resultsOf(
  seed: number,
  versions: Versions,
  runs: Record<'orderly' | 'anyHow' | 'reversed', Run>
): Results {
  return {
    date: new Date().toISOString().slice(0, 10),
    node: process.versions.node,
    cores: availableParallelism(),
    versions,
    seed,
    orderly: summarize(runs.orderly),
    anyHow: summarize(runs.anyHow),
    reversed: summarize(runs.reversed)
  }
}

const rows: readonly (readonly [string, (summary: Summary) => number])[] = [
  ['instances ended', ({ restarts }) => restarts],
  ['of them by a crash', ({ endings }) => endings.crash ?? 0],
  [
    'of them by SIGKILL',
    ({ endings }) => (endings.SIGKILL ?? 0) + (endings['SIGKILL while it shuts down'] ?? 0)
  ],
  ['transfers acknowledged', ({ acknowledged }) => acknowledged],
  ['refused, because the payer was too poor', ({ refused }) => refused],
  ['rejected while draining, and served elsewhere', ({ rejected }) => rejected],
  ['requests failed at an instance that was killed', ({ failedAtKilled }) => failedAtKilled],
  ['requests failed at any other', ({ failedElsewhere }) => failedElsewhere],
  ['wrong exit codes', ({ wrongExits }) => wrongExits],
  ['hooks failed', ({ hooksFailed }) => hooksFailed],
  ['jobs delivered a second time', ({ jobsBegunAgain }) => jobsBegunAgain],
  ['**acknowledged and lost**', ({ lost }) => lost],
  ['booked, though no client got that answer', ({ invented }) => invented],
  ['wrong balances or statements', ({ wrongBalances }) => wrongBalances],
  ['**jobs lost**', ({ jobsLost }) => jobsLost],
  ['**jobs done twice**', ({ jobsDoubled }) => jobsDoubled],
  ['left in the outbox or the queue', ({ left }) => left]
]

/** The results as a page shows them. */
export function markdownOf(results: Results): string {
  const { date, node, cores, versions, seed, orderly, anyHow, reversed } = results
  const cells = (row: (summary: Summary) => number) =>
    [orderly, anyHow, reversed].map((summary) => row(summary).toLocaleString('en')).join(' | ')
  return [
    `Node.js ${node}, Fastify ${versions.fastify}, PostgreSQL ${versions.postgres}, RabbitMQ ${versions.rabbitmq}; ` +
      `${cores} cores for all of it; seed ${seed}; ${date}`,
    '',
    '| | ended in order | ended anyhow | hooks in the wrong order |',
    '|---|---:|---:|---:|',
    ...rows.map(([name, row]) => `| ${name} | ${cells(row)} |`)
  ].join('\n')
}

// The compiled harness runs in build/, and its results belong to the source.
const root = new URL('../../../', import.meta.url)
const file = new URL('benchmark/results/data.json', root)
const page = new URL('docs/data.md', root)
const marked = /(<!-- table: npm run soak -- data -->\n).*?(<!-- \/table -->)/s

export function saveResults(results: Results): void {
  writeFileSync(file, `${JSON.stringify(results, null, 2)}\n`)
  const text = readFileSync(page, 'utf8')
  writeFileSync(
    page,
    text.replace(marked, (_all, begin, end) => `${begin}\n${markdownOf(results)}\n\n${end}`)
  )
}

/** What the page shows, and what it should. */
export function shownAndSaved(): readonly [string | undefined, string] {
  const shown = marked.exec(readFileSync(page, 'utf8'))?.[0]
  return [
    shown,
    `<!-- table: npm run soak -- data -->\n\n${markdownOf(JSON.parse(readFileSync(file, 'utf8')))}\n\n<!-- /table -->`
  ]
}
