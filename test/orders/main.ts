import { parseArgs } from 'node:util'
import { randomFrom, run } from './run.ts'

// npm run soak -- orders --runs 100 --seed 1: a shop on a real PostgreSQL is ended while its clients leave, half of
// the runs over HTTP/2. No order may be charged and not shipped, unless the report names it.

const { values } = parseArgs({
  options: { runs: { type: 'string', default: '100' }, seed: { type: 'string', default: '1' } }
})
const random = randomFrom(Number(values.seed))
const sum = { runs: 0, orders: 0, charged: 0, shipped: 0, broken: 0, left: 0, notClean: 0 }
for (let count = 0; count < Number(values.runs); count++) {
  const result = await run({ isHttp2: count % 2 === 1, random })
  sum.runs++
  for (const what of ['orders', 'charged', 'shipped', 'left'] as const) sum[what] += result[what]
  sum.broken += result.broken.length
  if (result.outcome !== 'clean') sum.notClean++
  if (result.broken.length > result.left) process.stdout.write(`run ${count}: ${JSON.stringify(result)}\n`)
}
process.stdout.write(`${JSON.stringify(sum)}\n`)
process.exitCode = sum.broken > sum.left || sum.charged === 0 ? 1 : 0
