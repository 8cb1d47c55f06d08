import { parseArgs } from 'node:util'
import { installSubjects } from '../install.ts'
import { writePage } from '../page/write.ts'
import { cells, titleOf } from './cells.ts'
import { saveRolls } from './results.ts'
import { rollAll } from './roll-all.ts'
import { failuresOf } from './tally.ts'

// npm run bench -- rolling: rolling restarts under load, and the page that shows what came of them.

const { values } = parseArgs({
  options: {
    only: { type: 'string', multiple: true, default: [] },
    restarts: { type: 'string' },
    quick: { type: 'boolean', default: false }
  }
})

const isWanted = (title: string) => values.only.every((part) => new RegExp(part, 'i').test(title))
const planned = cells(
  values.quick,
  values.restarts === undefined ? undefined : Number(values.restarts)
).filter((cell) => isWanted(titleOf(cell)))
console.log('Installing what is compared …')
installSubjects()
const { outcomes, leftOut } = await rollAll(planned)
const sent = outcomes.reduce((sum, { tally }) => sum + tally.sent, 0)
const failed = outcomes.reduce((sum, { tally }) => sum + failuresOf(tally), 0)
console.log(`${failed} of ${sent} requests failed, all cells together.`)
if (values.only.length > 0) console.log('A part of it says nothing of the whole: no results are written.')
else {
  saveRolls(outcomes, leftOut)
  writePage()
}
