import { type Node, reference } from '../nodes.ts'
import { groups } from '../scenarios/all.ts'
import { patience } from '../scenarios/observe.ts'
import { type Standing, tolerance, verdictOf } from '../scenarios/ranking.ts'
import type { CompareResults } from '../scenarios/results.ts'
import { ours, subjects, titleOf } from '../subjects.ts'
import { exitOf, hooksOf, nameOf, seenBy, table, timeOf, wordsFor } from './cells.ts'
import { matrix } from './matrix.ts'
import { explained } from './notes.ts'
import { nodesOf, type Row, rowsOf } from './rows.ts'
import type { Section } from './section.ts'
import { countsOf, meanings, tallies } from './tallies.ts'

/** Every scenario, with every subject: how the process ended, and what its clients saw. */
export const scenarios: Section = {
  results: 'compare.json',
  render(found) {
    const results = found as CompareResults
    const rows = rowsOf(results)
    const pictures = [tallies(rows), matrix(rows)]
    const [bars, cells] = pictures.map(({ file }) => file)
    const markdown = [
      '## At a glance',
      ...busy(results),
      everyone(rows),
      '## Where another is better',
      betterOnes(rows),
      `## ${titleOf(ours)} on each Node.js`,
      glance(results),
      '## All results in two pictures',
      `![How many scenarios each way passes](${bars})`,
      `![Every scenario with each way](${cells})`,
      '## How it was done',
      method(results),
      ...groups.flatMap(({ title, scenarios }) => [
        `## ${title}`,
        ...scenarios.flatMap(({ name }) =>
          details(rows.find(({ scenario }) => scenario.name === name) as Row)
        )
      ])
    ].join('\n\n')
    return { markdown, pictures }
  }
}

/** Several lanes may load the cores twice over; what is more comes from elsewhere. */
function busy({ load, environment: { cores } }: CompareResults): string[] {
  if (load <= 3 * cores) return []
  return [
    `**Other programs used this machine at the same time (load ${load} on ${cores} cores). So the times are not reliable. A missed time limit may come from that load.**`
  ]
}

/** One row for each subject: the best first. */
function everyone(rows: readonly Row[]): string {
  const counted = subjects.map(({ name }) => ({ name, counts: countsOf(rows, name) }))
  const ordered = counted.sort(
    (one, other) => other.counts.good - one.counts.good || one.counts.bad - other.counts.bad
  )
  const cells = ordered.map(({ name, counts: { good, fair, bad } }) => [
    name === ours ? `**${titleOf(name)}**` : titleOf(name),
    ...[good, fair, bad].map(String)
  ])
  const head = [`of ${rows.length} scenarios`, meanings.good, meanings.fair, meanings.bad]
  return table(head, cells)
}

/** Near the top of the page, even if it is much. */
function betterOnes(rows: readonly Row[]): string {
  const lost = rows.filter(({ better }) => better.length > 0)
  if (lost.length === 0) {
    return `No other package was better in any of the ${rows.length} scenarios.${single(rows) ? ' Each scenario was run once, so times are not compared. Where nothing is wrong with either package, this plugin takes longer, because it waits for a quiet moment.' : ''}`
  }
  const groups = explained(lost).map(
    ({ note, rows: those }) =>
      `${note.text}\n\n${table(['', `${titleOf(ours)}, ms`, 'better, ms'], those.map(loss))}`
  )
  return [losses(rows, lost), ...groups].join('\n\n')
}

function single(rows: readonly Row[]): boolean {
  return rows.every(({ ours: own }) => own.runs.length === 1)
}

/** How much better, in a sentence. */
function losses(rows: readonly Row[], lost: readonly Row[]): string {
  const faultless = lost.filter(({ ours: own, better }) => isSpotless(own) && better.every(isSpotless))
  const those = faultless.length === lost.length ? 'all' : faultless.length
  return `In ${lost.length} of ${rows.length} scenarios another package is better; in ${those} of these nothing is wrong with either, and the other package is faster.`
}

function loss({ scenario, better, ours: own }: Row): string[] {
  const shown = (standing: Standing) => {
    const words = wordsFor(scenario, standing)
    return `${timeOf(standing)}${words === '' ? '' : `, ${words}`}`
  }
  return [
    scenario.title,
    shown(own),
    better.map((standing) => `${nameOf(standing)}: ${shown(standing)}`).join('; ')
  ]
}

/** How ours stands, with each Node.js, and where a result depends on that. */
function glance(results: CompareResults): string {
  const byNode = nodesOf(results).map((node) => [node, rowsOf(results, node)] as const)
  const counts = byNode.map(([node, rows]) => {
    const spotless = rows.filter(({ ours: own }) => isSpotless(own))
    const first = rows.filter(({ better }) => better.length === 0)
    const alone = spotless.filter(({ standings }) => standings.filter(isSpotless).length === 1)
    return [
      results.nodes[node],
      rows.length,
      spotless.length,
      alone.length,
      first.length,
      rows.length - first.length
    ]
  })
  const head = [
    'Node.js',
    'scenarios',
    'nothing wrong',
    'nothing wrong, unlike all others',
    'no other is better',
    'another is better'
  ]
  const tables = [
    table(
      head,
      counts.map((cells) => cells.map(String))
    )
  ]
  const depending = byNode.length < 2 ? [] : dependingOn(byNode)
  if (depending.length > 0) {
    tables.push(
      'In these scenarios, the version of Node.js decides whether something is wrong:',
      table(['scenario', '', ...byNode.map(([node]) => `${node}`)], depending)
    )
  }
  return [`In how many scenarios ${titleOf(ours)} gets which result:`, ...tables].join('\n\n')
}

/** The rows in which a subject is right with one Node.js and wrong with another. */
function dependingOn(byNode: readonly (readonly [Node, readonly Row[]])[]): string[][] {
  const [[, known]] = byNode as [readonly [Node, readonly Row[]]]
  return known.flatMap(({ scenario }, index) =>
    subjects.flatMap(({ name }) => {
      const standings = byNode.map(
        ([, rows]) => rows[index]?.standings.find(({ subject }) => subject === name) as Standing
      )
      if (new Set(standings.map(({ faults }) => verdictOf(faults))).size === 1) return []
      const cells = standings.map((standing) => wordsFor(scenario, standing) || 'nothing wrong')
      return [[scenario.title, titleOf(name), ...cells]]
    })
  )
}

function isSpotless({ faults }: Standing): boolean {
  return verdictOf(faults) === 'good'
}

function method({ environment, versions, nodes, repeats, connections }: CompareResults): string {
  const { date, system, processor, cores } = environment
  const packages = subjects.flatMap((subject) => subject.package ?? [])
  const listed = packages.map((name) => [name, String(versions[name])])
  return `Each scenario was run ${repeats === 1 ? 'once' : `${repeats} times`} with each package, in a process of its own and in random order.
Several scenarios ran at the same time, but each scenario that counts losses ran alone. All packages shut down the same
app. Each package is set up in \`benchmark/subjects/attach/\`, as well as its own documentation allows. Every time limit
of a package is set to the deadline. The shutdown hook is registered as the package wants it. Clients are real sockets,
and the signal is SIGTERM.

The time runs from the signal to the end of the process. HUNG means that the process still ran ${patience / 1_000} s
after its deadline, and was then killed. A package is better if it has fewer of these faults, the worst first:

${order.map((one) => `- ${one}`).join('\n')}

If the faults are equal, the faster package is better. Medians that differ by less than ${tolerance} ms, and runs that overlap, count as equal.

${repeats === 1 ? 'Here each scenario was run once. A single run has no interval, so times are not compared.' : ''}

${date}, ${cores} cores of ${processor}, ${system}, Node.js ${nodes[reference]}, Fastify ${versions['fastify']}. The scenario
with many connections had ${connections} of them.

${table(['package', 'version'], listed)}`
}

const order = [
  'clients that were lost, cut or answered wrongly',
  'a process that never exits',
  'a shutdown hook that never began',
  'an exit code that says the opposite of what happened',
  'clients that were not notified to go elsewhere, for example by `Connection: close`'
]

function details({ scenario, standings }: Row): string[] {
  const { title, story, setup } = scenario
  const wait = setup.lameDuck === undefined || setup.lameDuck === 0 ? '' : `, wait: ${setup.lameDuck} ms`
  const head = ['', 'clients saw', 'hooks run', 'ms to the exit', 'exit code', 'what is wrong']
  const cells = standings.map((standing) => [
    standing.subject === ours ? `**${nameOf(standing)}**` : nameOf(standing),
    seenBy(standing),
    hooksOf(standing),
    timeOf(standing),
    exitOf(standing),
    wordsFor(scenario, standing)
  ])
  return [`### ${title}`, `${story} (deadline: ${setup.deadline} ms${wait})`, table(head, cells)]
}
