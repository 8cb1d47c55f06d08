import { inspect, parseArgs } from 'node:util'
import { wholeRun } from './run.ts'

// npm run soak -- --runs 1000 --seed 1, or --minutes 10

const { values } = parseArgs({
  options: {
    runs: { type: 'string' },
    minutes: { type: 'string' },
    seed: { type: 'string', default: String(Date.now() % 100_000) }
  }
})
const minutes = Number(values.minutes ?? Number.POSITIVE_INFINITY)
const runs = Number(values.runs ?? (values.minutes === undefined ? 100 : Number.POSITIVE_INFINITY))
const seed = Number(values.seed)
for (const number of [minutes, runs, seed]) {
  if (!(number >= 0)) throw new Error('--runs, --minutes and --seed are numbers')
}

const end = performance.now() + minutes * 60_000
const total = { runs: 0, excused: 0, answered: 0, rejected: 0, cut: 0, lost: 0, failed: 0 }

process.stdout.write(`from seed ${seed}\n`)
while (total.runs < runs && performance.now() < end) {
  const {
    seed: own,
    scenario,
    seen,
    cut,
    violations,
    excuse,
    outcome
  } = await wholeRun(seed + total.runs).catch((error) => {
    throw new Error(`seed ${seed + total.runs} came to nothing`, { cause: error })
  })
  total.runs++
  if (excuse !== undefined) total.excused++
  total.answered += seen.answered
  total.rejected += seen.rejected
  total.cut += cut
  total.lost += Math.max(0, seen.lost.length - cut)
  if (violations.length > 0) {
    total.failed++
    const wrong = violations.map((each) => `  ✗ ${each}\n`).join('')
    process.stdout.write(
      `seed ${own}${excuse === undefined ? '' : ` (${excuse})`}, ${outcome}\n${wrong}` +
        `  again: npm run soak -- --runs 1 --seed ${own}\n${inspect(scenario, { depth: 5, breakLength: 110 })}\n`
    )
  }
  if (total.runs % 50 === 0) process.stdout.write(`${JSON.stringify(total)}\n`)
}
process.stdout.write(
  `${total.runs} runs, ${total.excused} of them with an excuse: ${total.answered} answered, ` +
    `${total.rejected} rejected, ${total.cut} cut at their time, ${total.lost} lost, ${total.failed} runs not as they should be\n`
)
process.exitCode = total.failed === 0 ? 0 : 1
