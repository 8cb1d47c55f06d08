import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { AppProcess } from '../../support/app-process.ts'
import { canUnshare, type Holder, holders } from './holders.ts'

// node build/test/process/exit/table.js: holds the end of a process in every way, on each Node.js that is
// supported, and writes the table into docs/deadline.md. `--holder fifo` and `--node 22` pick a part, which is
// printed only.

const deadline = 2_000
const page = new URL('../../../../docs/deadline.md', import.meta.url)
const [begin, end] = ['<!-- table: node build/test/process/exit/table.js -->\n', '<!-- /table -->']

interface Matrix {
  nodeOf(version: string): Promise<string>
  readonly nodeVersions: readonly string[]
}

async function matrix(): Promise<Matrix> {
  const folder = new URL('../../../../scripts/matrix/', import.meta.url)
  const modules = ['installed.mjs', 'versions.mjs'].map((name) => import(new URL(name, folder).href))
  return Object.assign({}, ...(await Promise.all(modules)))
}

const several = { type: 'string', multiple: true } as const
const { holder: names, node: numbers } = parseArgs({ options: { holder: several, node: several } }).values
const { nodeOf, nodeVersions } = await matrix()
const versions = nodeVersions.filter((version) => numbers?.includes(version) ?? true)
const wanted = holders.filter(({ name }) => names?.includes(name) ?? true)

const lines = [
  `A deadline of ${deadline} ms, one run of each.`,
  '',
  `| what holds the end | ${versions.map((version) => `Node.js ${version}`).join(' | ')} |`,
  `|---|${versions.map(() => '---|').join('')}`
]
for (const holder of wanted) {
  const cells = []
  for (const version of versions) cells.push(await observe(holder, join(await nodeOf(version), 'node')))
  const line = `| ${holder.what} | ${cells.join(' | ')} |`
  process.stdout.write(`${line}\n`)
  lines.push(line)
}

if (names === undefined && numbers === undefined) {
  const text = await readFile(page, 'utf8')
  const [before, rest] = text.split(begin) as [string, string]
  await writeFile(page, `${before}${begin}\n${lines.join('\n')}\n\n${end}${rest.split(end)[1]}`)
}

/** Runs it once, and tells how the process ended: ms after the signal, exit code, and what the last line named. */
async function observe({ name, says, runner }: Holder, node: string): Promise<string> {
  if (runner !== undefined && !canUnshare) return 'not run'
  const setup = { holder: name, options: { deadline } }
  const app = new AppProcess('held', setup, {}, runner?.(node) ?? { execPath: node })
  try {
    await app.message({ held: name })
    const signalled = app.kill()
    const { code, signal, at } = await app.exited
    const ms = Math.round(at - signalled)
    const line = app.stderr.split('\n').find((each) => each.startsWith('{"level":'))
    const isLate = ms > deadline + 250
    const isNamed = says === undefined || says.test(app.stderr)
    if (isLate || !isNamed) process.exitCode = 1
    if (process.env['VERBOSE']) process.stderr.write(`${node}\n${app.stderr}\n`)
    const problems = `${isLate ? ' **late**' : ''}${isNamed ? '' : ' **not named**'}`
    return `${ms} ms, ${signal ?? code}${line === undefined ? '' : ', named'}${problems}`
  } finally {
    app.kill('SIGKILL')
  }
}
