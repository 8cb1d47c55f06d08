import { parseArgs } from 'node:util'
import { costRun } from './cost/cost.ts'
import { installSubjects } from './install.ts'
import { nodes } from './nodes.ts'
import { writePage } from './page/write.ts'
import { cells } from './rolling/cells.ts'
import { saveRolls } from './rolling/results.ts'
import { rollAll } from './rolling/roll-all.ts'
import { saveRuns } from './scenarios/results.ts'
import { type Run, runAll } from './scenarios/run-all.ts'
import { tasks } from './scenarios/tasks.ts'

// npm run bench -- compare: every scenario with every subject, and the page that shows what came of it.

const { values } = parseArgs({
  options: {
    only: { type: 'string', multiple: true, default: [] },
    quick: { type: 'boolean', default: false },
    repeats: { type: 'string' },
    'scenarios-only': { type: 'boolean', default: false },
    render: { type: 'boolean', default: false }
  }
})

if (values.render) writePage()
else await compare(values.quick, values.only)

async function compare(quick: boolean, only: readonly string[]): Promise<void> {
  const repeats = Number(values.repeats ?? (quick ? 1 : 3))
  const planned = tasks(repeats, only, !quick)
  console.log('Installing what is compared …')
  installSubjects()
  const runs: Run[] = []
  for (const node of nodes) {
    const those = planned.filter((task) => task.node === node)
    const done = await runAll(those, quick ? 6 : 4, (run, count) =>
      console.log(`${count}/${those.length} ${line(run)}`)
    )
    runs.push(...done)
    if (only.length === 0 && those.length > 0) saveRuns(runs, repeats)
  }
  if (only.length > 0) {
    console.log('A part of it says nothing of the whole: no results are written.')
    return
  }
  if (!values['scenarios-only']) {
    await costRun({ quick, onPart: (name) => console.log(`What each costs: ${name} …`) })
    const { outcomes, leftOut } = await rollAll(cells(quick))
    saveRolls(outcomes, leftOut)
  }
  writePage()
  console.log('docs/comparison.md shows what was found.')
}

function line({ scenario, subject, node, ms, code, signal, hooks, seen }: Run): string {
  const end = ms === null ? 'HUNG' : `${Math.round(ms)} ms, ${code ?? signal}`
  return `${scenario} · ${subject}, Node.js ${node}: ${end}, hooks: ${hooks}, ${JSON.stringify(seen)}`
}
