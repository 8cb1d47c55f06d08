import { execFileSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

/** The lines of Node.js on which all is run, the reference first. */
export const nodes = [24, 20, 26] as const

export type Node = (typeof nodes)[number]

/** The results that name no version of Node.js were found with this one. */
export const reference: Node = nodes[0]

/** Its binary is a package of benchmark/package.json, where there is one for this system. */
export function binaryOf(node: Node): string {
  const path = fileURLToPath(new URL(`../../benchmark/node_modules/node-${node}/bin/node`, import.meta.url))
  if (existsSync(path)) return path
  if (process.versions.node.startsWith(`${node}.`)) return process.execPath
  throw new Error(`There is no Node.js ${node}: run this on Linux x64, or with that version`)
}

/** The exact version of each. */
export function nodeVersions(): Record<Node, string> {
  const version = (node: Node) => execFileSync(binaryOf(node), ['--version'], { encoding: 'utf8' }).trim()
  return Object.fromEntries(nodes.map((node) => [node, version(node)])) as Record<Node, string>
}
