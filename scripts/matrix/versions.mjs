import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'

const root = new URL('../../', import.meta.url)
const { engines, peerDependencies } = read('package.json')

/** From the oldest that is supported to the current release. A number stands for its newest release. */
export const nodeVersions = [lowest(engines.node), '22', '24', '26']

/** The oldest that is supported, and the one that is installed here. */
export const fastifyVersions = [
  lowest(peerDependencies.fastify),
  read('node_modules/fastify/package.json').version
]

/** The newest Fastify before its release, as npm has it, and a Node.js that it supports. */
export function nextCell() {
  const isWindows = process.platform === 'win32'
  const shown = execFileSync(isWindows ? 'npm.cmd' : 'npm', ['view', 'fastify', 'versions', '--json'], {
    encoding: 'utf8',
    shell: isWindows
  })
  const fastify = JSON.parse(shown)
    .filter((version) => version.includes('-'))
    .sort(compare)
    .at(-1)
  const installed = fastifyVersions.at(-1)
  if (compare(fastify.split('-')[0], installed) <= 0) {
    throw new Error(`Fastify has no prerelease after ${installed}.`)
  }
  return { node: '24', fastify }
}

function compare(one, other) {
  return one.localeCompare(other, 'en', { numeric: true })
}

function lowest(range) {
  return range.split(' ')[0].replace(/^(\^|>=)/, '')
}

function read(path) {
  return JSON.parse(readFileSync(new URL(path, root), 'utf8'))
}
