import { once } from 'node:events'
import { closeSync, mkdtempSync, openSync, readFileSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { inRoot } from '../docs/pages.ts'
import { killGroup, startChild } from '../support/children.ts'
import { compiled } from '../support/program.ts'
import type { Seen } from './scenario.ts'
import { inTerminal } from './terminal.ts'

// npm run docs -- windows: runs every scenario of Windows, under Wine if this is another system, and puts what was seen
// into docs/platforms/windows.md. `--check` writes nothing, `--node 22` takes that Node.js alone.

/** What scripts/matrix/windows.mjs gives. */
interface Ground {
  readonly windowsNodes: readonly string[]
  windowsHere(): string | undefined
  windowsEnvironment(): Promise<NodeJS.ProcessEnv>
  windowsNode(version: string): Promise<readonly [command: string, ...args: string[]]>
  pathOf(path: string): string
  prepareWine(env: NodeJS.ProcessEnv): void
  endWine(env: NodeJS.ProcessEnv): void
}

/** What was seen with one Node.js. */
interface Column {
  readonly version: string
  readonly rows: readonly Seen[]
}

const { check, node, verbose } = parseArgs({
  options: {
    check: { type: 'boolean', default: false },
    verbose: { type: 'boolean', default: false },
    node: { type: 'string', multiple: true }
  }
}).values
const ground: Ground = await import(new URL('../../../scripts/matrix/windows.mjs', import.meta.url).href)
const here = ground.windowsHere()
if (here === undefined) throw new Error('It takes Windows or Wine. On Debian: apt-get install wine')

/** What Wine's server writes at its end, if that is a crash. */
const crashed = 'wineserver crashed'

const env = await ground.windowsEnvironment()
const columns: Column[] = []
try {
  ground.prepareWine(env)
  for (const version of node ?? ground.windowsNodes) columns.push(await observe(version))
} finally {
  ground.endWine(env)
}

const lines = table()
process.stdout.write(`${lines.join('\n')}\n`)
if (columns.some(({ rows }) => rows.length === 0 || rows.some(({ seen, expected }) => seen !== expected))) {
  process.exitCode = 1
}
if (!check && node === undefined) write()

/** Runs the test file with that Node.js, and the terminal of this system. */
async function observe(version: string): Promise<Column> {
  const command = await ground.windowsNode(version)
  const seen = await seenBy(command)
  const terminal = process.platform === 'win32' ? [] : await inTerminal(command, env)
  const exact = await run([...command, '-p', 'process.versions.node'], env)
  return { version: exact.trim(), rows: [...terminal, ...seen] }
}

/** One more attempt is made for each crash of Wine's own server: that says nothing about an app. */
async function seenBy(command: readonly string[], attempts = 3): Promise<readonly Seen[]> {
  const rows = join(mkdtempSync(join(tmpdir(), 'windows-')), 'rows')
  writeFileSync(rows, '')
  const file = ground.pathOf(compiled('test/windows/windows.test'))
  const output = await run([...command, file], { ...env, WINDOWS_TABLE: ground.pathOf(rows) })
  if (output.includes(crashed) && attempts > 1) {
    process.stdout.write('Wine crashed: once more\n')
    return seenBy(command, attempts - 1)
  }
  const lines = readFileSync(rows, 'utf8').split('\n')
  return lines.filter((line) => line !== '').map((line) => JSON.parse(line) as Seen)
}

/**
 * Its output goes to a file, because Wine gives no pipe of this system to its programs. If Wine's own server crashes, the
 * program hangs, and is ended.
 */
async function run([program = '', ...args]: readonly string[], given: NodeJS.ProcessEnv): Promise<string> {
  const file = join(mkdtempSync(join(tmpdir(), 'windows-')), 'output')
  const output = openSync(file, 'w')
  const child = startChild(program, args, {
    env: { ...given, NO_COLOR: '1' },
    stdio: ['ignore', output, output]
  })
  const looking = setInterval(() => {
    if (readFileSync(file, 'utf8').includes(crashed)) killGroup(child)
  }, 500)
  await once(child, 'exit')
  clearInterval(looking)
  closeSync(output)
  const text = readFileSync(file, 'utf8')
  if (verbose) process.stdout.write(text)
  return text
}

function table(): string[] {
  const head = [
    'what happens to the app',
    'what should happen then',
    ...columns.map(({ version }) => `Node.js ${version}`)
  ]
  const [first] = columns as [Column]
  const lines = first.rows.map(({ what, expected }, row) => [
    what,
    expected,
    ...columns.map(({ rows }) =>
      rows[row]?.seen === expected ? 'as it should' : `**${rows[row]?.seen ?? 'nothing seen'}**`
    )
  ])
  return [head, head.map(() => '---'), ...lines].map((line) => `| ${line.join(' | ')} |`)
}

function write(): void {
  const page = inRoot('docs/platforms/windows.md')
  const [begin, end] = ['<!-- table: npm run docs -- windows -->\n', '<!-- /table -->']
  const [before, rest] = readFileSync(page, 'utf8').split(begin) as [string, string]
  const text = `Run on ${here}, one run of each.\n\n${lines.join('\n')}`
  writeFileSync(page, `${before}${begin}\n${text}\n\n${end}${rest.split(end)[1]}`)
}
