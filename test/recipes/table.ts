import { readFileSync, writeFileSync } from 'node:fs'
import { parseArgs } from 'node:util'
import { inRoot } from '../docs/pages.ts'
import { installIntegrations } from './install.ts'
import { type Integration, integrations } from './integrations.ts'
import { type Observed, observe } from './observe.ts'

// npm run docs -- recipes: runs each integration without its recipe and with it, on the real servers, and puts what was
// seen into docs/recipes.md. `--only bullmq` runs one and writes nothing, `--output` shows what the apps wrote.

const { values } = parseArgs({
  options: {
    only: { type: 'string', multiple: true, default: [] },
    output: { type: 'boolean', default: false },
    check: { type: 'boolean', default: false }
  }
})

const [major = 0, minor = 0] = process.versions.node.split('.').map(Number)
if (major < 22 || (major === 22 && minor < 18)) {
  throw new Error('The packages need Node.js 22.18 or later. This is the only command that does.')
}

installIntegrations()
const page = inRoot('docs/recipes.md')
const [begin, end] = ['<!-- table: npm run docs -- recipes -->\n', '<!-- /table -->']
const chosen = integrations.filter(({ name }) => values.only.length === 0 || values.only.includes(name))
const lines = [
  '| integration | at the signal | without: lost | time | exit code | with: lost | time | exit code |',
  '|---|---|---:|---:|---:|---:|---:|---:|'
]
process.stdout.write(`${lines.join('\n')}\n`)
for (const integration of chosen) {
  const line = await lineOf(integration)
  process.stdout.write(`${line}\n`)
  lines.push(line)
}
if (values.only.length === 0 && !values.check) {
  const [before, rest] = readFileSync(page, 'utf8').split(begin) as [string, string]
  const head = `Node.js ${process.versions.node}, one run of each.`
  writeFileSync(page, `${before}${begin}\n${head}\n\n${lines.join('\n')}\n\n${end}${rest.split(end)[1]}`)
}
process.exit()

async function lineOf(integration: Integration): Promise<string> {
  const without = await observe(integration, 'without')
  const recipe = await observe(integration, 'with')
  if (values.output) process.stdout.write(`without:\n${without.output}\nwith:\n${recipe.output}\n`)
  const isRight = recipe.lost === 0 && recipe.end === 0
  if (!isRight) process.exitCode = 1
  const cells = [integration.title, integration.asked, ...cellsOf(without), ...cellsOf(recipe)]
  return `| ${cells.join(' | ')} |${isRight ? '' : ' **not as it should be**'}`
}

function cellsOf({ lost, of, ms, end }: Observed): string[] {
  return [`${lost} of ${of}`, `${(ms / 1_000).toFixed(1)} s`, String(end)]
}
