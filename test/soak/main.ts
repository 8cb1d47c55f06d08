import { parseArgs } from 'node:util'
import { soakRun } from './soak.ts'

// npm run soak -- --runs 1000 --seed 1

const { values } = parseArgs({
  options: {
    runs: { type: 'string', default: '100' },
    seed: { type: 'string', default: String(Date.now() % 100_000) }
  }
})
const runs = Number(values.runs)
const firstSeed = Number(values.seed)
const total = { runs: 0, stalled: 0, served: 0, rejected: 0, lost: 0, failed: 0 }

process.stdout.write(`${runs} runs from seed ${firstSeed}\n`)
for (let seed = firstSeed; seed < firstSeed + runs; seed++) {
  const { served, rejected, lost, exitCode, stalled } = await soakRun(seed)
  total.runs++
  if (stalled) total.stalled++
  total.served += served
  total.rejected += rejected
  total.lost += lost.length
  if (exitCode !== 0 || lost.length > 0) {
    total.failed++
    process.stdout.write(
      `seed ${seed}${stalled ? ' (clients stalled)' : ''}: exit code ${exitCode}, lost ${lost.length}: ${[...new Set(lost)].join('; ')}\n`
    )
  }
  if (total.runs % 50 === 0) process.stdout.write(`${JSON.stringify(total)}\n`)
}
process.stdout.write(
  `${total.runs} runs, in ${total.stalled} of them the clients stalled: ${total.served} served, ${total.rejected} rejected, ${total.lost} lost, in ${total.failed} runs\n`
)
process.exitCode = total.failed === 0 ? 0 : 1
