// Runs the suite, as it is built, on each Node.js that is supported, with the oldest Fastify and with
// the one that is installed, and prints what came out. `--only` picks a part:
//   --only oldest   the oldest Node.js with the oldest Fastify
//   --only newest   the newest Node.js with the Fastify that is installed
//   --only 22       that Node.js with both
//   --only next     Node.js 24 with the newest prerelease of Fastify
//   --only windows  what only Windows can show, here under Wine
// and `--core` leaves out the tests of whole systems, which have least to do with the versions.
import { mkdirSync } from 'node:fs'
import { parseArgs } from 'node:util'
import { cache, nodeOf, projectWith } from './installed.mjs'
import { runSuite } from './suite.mjs'
import { fastifyVersions, nextCell, nodeVersions } from './versions.mjs'
import { runWindows } from './windows.mjs'

const { only, core } = parseArgs({
  options: { only: { type: 'string' }, core: { type: 'boolean', default: false } }
}).values
const all = nodeVersions.flatMap((node) => fastifyVersions.map((fastify) => ({ node, fastify })))
const cells = only === 'next' ? [nextCell()] : all.filter(isWanted)
if (cells.length === 0 && only !== 'windows') {
  throw new Error(`--only takes oldest, newest, next, windows, ${nodeVersions.join(', ')}, but got ${only}`)
}

mkdirSync(cache, { recursive: true })
const results = []
for (const cell of cells) {
  const name = `Node.js ${cell.node}, Fastify ${cell.fastify}`
  const [programs, project] = [await nodeOf(cell.node), await projectWith(cell.fastify)]
  const result = await runSuite({ programs, project, name, core })
  console.log(`${name}: ${result.text}`)
  if (!result.isGreen) console.log(result.failures)
  results.push({ ...cell, ...result })
}
if (cells.length > 0) console.log(table())
const windows = only === undefined || only === 'windows' ? runWindows() : 0
process.exitCode = results.every(({ isGreen }) => isGreen) ? windows : 1

function isWanted({ node }, index) {
  if (only === 'oldest') return index === 0
  if (only === 'newest') return index === all.length - 1
  return only === undefined || only === node
}

function table() {
  const versions = only === 'next' ? cells.map(({ fastify }) => fastify) : fastifyVersions
  const rows = nodeVersions.map((node) => [node, ...versions.map((fastify) => outcome(node, fastify))])
  const head = ['Node.js', ...versions.map((version) => `Fastify ${version}`)]
  return [head, head.map(() => '---'), ...rows].map((row) => `| ${row.join(' | ')} |`).join('\n')
}

function outcome(node, fastify) {
  return results.find((each) => each.node === node && each.fastify === fastify)?.text ?? 'not run'
}
