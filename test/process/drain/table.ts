import { readFile, writeFile } from 'node:fs/promises'
import { observe, type Row, type Scenario } from './observe.ts'
import { scenarios } from './scenarios.ts'

// npm run docs -- drain: runs every scenario, prints the table, and puts it into docs/drain-proof.md.

const page = new URL('../../../../docs/drain-proof.md', import.meta.url)
const [begin, end] = ['<!-- table: npm run docs -- drain -->\n', '<!-- /table -->']

const lines = [
  `Node.js ${process.versions.node}, one run of each.`,
  '',
  '| transport | scenario | response | end of the connection | exit after the last response | exit code |',
  '|---|---|---|---|---:|---:|'
]
for (const scenario of scenarios) {
  const line = format(scenario, await observe(scenario))
  process.stdout.write(`${line}\n`)
  lines.push(line)
}

const text = await readFile(page, 'utf8')
const [before, rest] = text.split(begin) as [string, string]
await writeFile(page, `${before}${begin}\n${lines.join('\n')}\n\n${end}${rest.split(end)[1]}`)

function format(
  { transport, name, expected }: Scenario,
  { response, farewell, exit, msAfterLast }: Row
): string {
  const differs =
    response !== expected.response || farewell !== expected.farewell || exit.code !== expected.exitCode
  const cells = [
    transport,
    name,
    response || '–',
    farewell,
    `${Math.round(msAfterLast)} ms`,
    exit.code ?? exit.signal
  ]
  if (differs) process.exitCode = 1
  return `| ${cells.join(' | ')} |${differs ? ' **not as expected**' : ''}`
}
