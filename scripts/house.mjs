// Holds the rule of the house: a room of lib/ imports only from rooms that stand before it in the table of
// CONTRIBUTING.md, and no files import each other in a circle, types included. Prints the rooms and
// what breaks the rule; the exit code is 1 where anything does. `node scripts/house.mjs ../other-checkout`
// looks at another checkout, by this table.
import { readdirSync, readFileSync } from 'node:fs'
import { join, posix } from 'node:path'
import { fileURLToPath } from 'node:url'

const own = fileURLToPath(new URL('..', import.meta.url))
const root = process.argv[2] ?? own

const floors = [
  ...readFileSync(join(own, 'CONTRIBUTING.md'), 'utf8').matchAll(/^\| `(lib\/[\w./-]+)` \|/gm)
].map(([, room]) => room)
const files = new Map(
  readdirSync(join(root, 'lib'), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts'))
    .map((name) => `lib/${name.replaceAll('\\', '/')}`)
    .map((name) => [name, readFileSync(join(root, name), 'utf8')])
)

/** The files that a file imports, for their types alone, too. */
function importsOf(name) {
  const specifiers = [...files.get(name).matchAll(/\bfrom '(\.[^']+)'|\bimport\('(\.[^']+)'\)/g)]
  return specifiers.map(([, from, dynamic]) => posix.join(posix.dirname(name), from ?? dynamic))
}

function floorOf(name) {
  return floors.findIndex((room) => name === room || (room.endsWith('/') && name.startsWith(room)))
}

function broken() {
  return [...files.keys()].flatMap((name) => {
    const floor = floorOf(name)
    if (floor === -1) return [`${name} stands in no room of the table`]
    // A file that the build makes may not be there yet.
    const wrong = importsOf(name).filter((other) => !other.startsWith('lib/') || floorOf(other) > floor)
    return wrong.map((other) => `${name} imports ${other}, which stands behind it`)
  })
}

/** Groups of files that import each other in a circle (Tarjan's algorithm). */
function circles() {
  const found = []
  const [stack, index, low] = [[], new Map(), new Map()]
  const visit = (name) => {
    index.set(name, index.size)
    low.set(name, index.get(name))
    stack.push(name)
    for (const other of importsOf(name).filter((other) => files.has(other))) {
      if (!index.has(other)) visit(other)
      if (stack.includes(other)) low.set(name, Math.min(low.get(name), low.get(other)))
    }
    if (low.get(name) !== index.get(name)) return
    const group = stack.splice(stack.indexOf(name))
    if (group.length > 1 || importsOf(name).includes(name)) found.push(group.sort())
  }
  for (const name of files.keys()) if (!index.has(name)) visit(name)
  return found
}

function linesOf(text) {
  return text.split('\n').length - 1
}

/** Lines that are neither blank nor comment. */
function codeOf(text) {
  return text.split('\n').filter((line) => !/^\s*($|\/\/|\/\*|\*)/.test(line)).length
}

function sum(names, count) {
  return names.reduce((total, name) => total + count(files.get(name)), 0)
}

const names = [...files.keys()]
for (const [floor, room] of floors.entries()) {
  const here = names.filter((name) => floorOf(name) === floor)
  if (here.length > 0)
    console.log(
      `${room.padEnd(24)} ${String(here.length).padStart(3)} files ${String(sum(here, codeOf)).padStart(5)} lines of code`
    )
}
const lengths = names.map((name) => linesOf(files.get(name))).sort((one, other) => one - other)
const longest = names.toSorted((one, other) => linesOf(files.get(other)) - linesOf(files.get(one)))[0]
console.log(
  `${names.length} files, ${sum(names, codeOf)} lines of code; median ${lengths[Math.floor(lengths.length / 2)]} lines, longest ${lengths.at(-1)} (${longest})`
)
const problems = [
  ...broken(),
  ...circles().map((group) => `${group.length} files in a circle: ${group.join(', ')}`)
]
for (const problem of problems) console.log(problem)
console.log(
  problems.length === 0
    ? 'No circle, and each room imports only from rooms before it.'
    : `${problems.length} problems`
)
process.exitCode = problems.length === 0 ? 0 : 1
