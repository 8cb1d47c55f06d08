import { costRun } from './cost.ts'

// npm run compare:cost [-- --quick]

const begin = performance.now()
const seconds = () => `${Math.round((performance.now() - begin) / 1_000)} s`.padStart(6)

await costRun({
  quick: process.argv.includes('--quick'),
  onPart: (name) => console.log(`${seconds()}  ${name} …`)
})
console.log(`${seconds()}  benchmark/results/cost.json is written`)
