import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { median, quantile, shuffle } from 'simple-statistics'

// npm run bench -- import: what it takes to load the packed package beside Fastify, as an ES module and by
// `require`, each time in a new process. `--before <directory or tarball>` adds another version of it.

const { values } = parseArgs({
  allowPositionals: true,
  options: { before: { type: 'string' }, rounds: { type: 'string', default: '25' } }
})

const root = fileURLToPath(new URL('../../', import.meta.url))
const versions = JSON.parse(readFileSync(join(root, 'benchmark/package.json'), 'utf8')).dependencies
const folder = mkdtempSync(join(tmpdir(), 'fastify-lifecycle-import-'))

/** What is loaded, by the name under which it is installed. The control is the package once more. */
const loaded: Readonly<Record<string, string>> = {
  'fastify-lifecycle': 'now',
  'control: the same once more': 'now',
  ...(values.before !== undefined && { 'fastify-lifecycle before': 'before' }),
  'close-with-grace': 'close-with-grace',
  '@godaddy/terminus': '@godaddy/terminus'
}

/** Each loads the package that it is given, and prints the time and the CPU time of that, in ms. */
const programs = {
  'as an ES module': ['import.mjs', program("import 'fastify'", 'await import')],
  'by require': ['require.cjs', program("require('fastify')", 'require')]
} as const

type Way = keyof typeof programs

const ways = Object.keys(programs) as Way[]

/** What one process took, in ms. On a busy machine the CPU time says more than the time that passed. */
interface Took {
  readonly time: number
  readonly cpu: number
}

function program(first: string, load: string): string {
  return `${first}
    const [start, cpu] = [performance.now(), process.cpuUsage()]
    ${load}(process.argv[2])
    const { user, system } = process.cpuUsage(cpu)
    console.log(JSON.stringify({ time: performance.now() - start, cpu: (user + system) / 1000 }))`
}

try {
  install()
  const took = measure(Number(values.rounds))
  console.log(
    `Node.js ${process.version}, ${values.rounds} new processes each, in ms: median (10th percentile)\n`
  )
  console.log(
    '| loaded beside Fastify | ES module | ES module, CPU | require | require, CPU |\n|---|---|---|---|---|'
  )
  for (const [name, ofName] of took) {
    const cells = ways.flatMap((way) => [
      shown(ofName[way].map(({ time }) => time)),
      shown(ofName[way].map(({ cpu }) => cpu))
    ])
    console.log(`| ${name} | ${cells.join(' | ')} |`)
  }
} finally {
  rmSync(folder, { recursive: true, force: true })
}

function shown(numbers: readonly number[]): string {
  return `${median([...numbers]).toFixed(1)} (${quantile([...numbers], 0.1).toFixed(1)})`
}

function install(): void {
  writeFileSync(join(folder, 'package.json'), '{}')
  for (const [file, code] of Object.values(programs)) writeFileSync(join(folder, file), code)
  const given = ['fastify', 'close-with-grace', '@godaddy/terminus'].map(
    (name) => `${name}@${versions[name]}`
  )
  given.push(`now@file:${packed(root, 'now')}`)
  if (values.before !== undefined) given.push(`before@file:${packed(resolve(values.before), 'before')}`)
  npm(folder, 'install', '--prefer-offline', '--ignore-scripts', '--no-audit', '--no-fund', ...given)
}

/** A tarball of what is built in a directory. A tarball is taken as it is. */
function packed(path: string, name: string): string {
  if (path.endsWith('.tgz')) return path
  const target = join(folder, `packed-${name}`)
  mkdirSync(target)
  const output = npm(path, 'pack', '--json', '--ignore-scripts', '--pack-destination', target)
  return join(target, JSON.parse(output)[0].filename)
}

function npm(cwd: string, ...given: readonly string[]): string {
  return execFileSync('npm', given, { cwd, encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'] })
}

/** All take turns, in a new random order each round. The first round fills the system's caches, and is left out. */
function measure(rounds: number): Map<string, Record<Way, Took[]>> {
  const none = (): Record<Way, Took[]> => ({ 'as an ES module': [], 'by require': [] })
  const took = new Map(Object.keys(loaded).map((name) => [name, none()]))
  const turns = Object.entries(loaded).flatMap(([name, installed]) =>
    ways.map((way) => ({ name, installed, way }))
  )
  for (let round = 0; round <= rounds; round++) {
    for (const { name, installed, way } of shuffle([...turns])) {
      const output = execFileSync(process.execPath, [programs[way][0], installed], {
        cwd: folder,
        encoding: 'utf8'
      })
      if (round > 0) took.get(name)?.[way].push(JSON.parse(output))
    }
  }
  return took
}
