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

function lowest(range) {
  return range.replace(/^(\^|>=)/, '')
}

function read(path) {
  return JSON.parse(readFileSync(new URL(path, root), 'utf8'))
}
