import { parseArgs } from 'node:util'
import { costRun } from './cost/cost.ts'
import { installSubjects } from './install.ts'
import { writePage } from './page/write.ts'
import { saveRuns } from './scenarios/results.ts'
import { type Run, runAll } from './scenarios/run-all.ts'
import { tasks } from './scenarios/tasks.ts'

// npm run compare: every scenario with every subject, and the page that shows what came of it.

const { values } = parseArgs({
  options: {
    only: { type: 'string', multiple: true, default: [] },
    quick: { type: 'boolean', default: false },
    render: { type: 'boolean', default: false }
  }
})

if (values.render) writePage()
else await compare(values.quick ? 1 : 3, values.only)

async function compare(repeats: number, only: readonly string[]): Promise<void> {
  const planned = tasks(repeats, only)
  console.log('Installing what is compared …')
  installSubjects()
  const runs = await runAll(planned, (run, done) => console.log(`${done}/${planned.length} ${line(run)}`))
  if (only.length > 0) {
    console.log('A part of it says nothing of the whole: no results are written.')
    return
  }
  saveRuns(runs, repeats)
  await costRun({ quick: values.quick, onPart: (name) => console.log(`What each costs: ${name} …`) })
  writePage()
  console.log('docs/comparison.md shows what was found.')
}

function line({ scenario, subject, ms, code, signal, hooks, seen }: Run): string {
  const end = ms === null ? 'HUNG' : `${Math.round(ms)} ms, ${code ?? signal}`
  return `${scenario} · ${subject}: ${end}, hooks: ${hooks}, ${JSON.stringify(seen)}`
}
