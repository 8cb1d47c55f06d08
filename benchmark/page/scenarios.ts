import { groups } from '../scenarios/all.ts'
import { patience } from '../scenarios/observe.ts'
import { type Standing, tolerance, verdictOf } from '../scenarios/ranking.ts'
import type { CompareResults } from '../scenarios/results.ts'
import { ours, subjects, titleOf } from '../subjects.ts'
import { exitOf, hooksOf, nameOf, seenBy, table, timeOf, wordsFor } from './cells.ts'
import { matrix } from './matrix.ts'
import { explained } from './notes.ts'
import { type Row, rowsOf } from './rows.ts'
import type { Section } from './section.ts'
import { tallies } from './tallies.ts'

/** Every scenario, with every subject: how the process ended, and what its clients saw. */
export const scenarios: Section = {
  results: 'compare.json',
  render(found) {
    const results = found as CompareResults
    const rows = rowsOf(results)
    const pictures = [tallies(rows), matrix(rows)]
    const [bars, cells] = pictures.map(({ file }) => file)
    const markdown = [
      '## Where another is better',
      betterOnes(rows),
      '## At a glance',
      glance(rows),
      `![In how many scenarios each does as it should](${bars})`,
      `![Every scenario with each](${cells})`,
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

/** First on the page, whatever it says. */
function betterOnes(rows: readonly Row[]): string {
  const lost = rows.filter(({ better }) => better.length > 0)
  if (lost.length === 0) return `In this run none was, in none of the ${rows.length} scenarios.`
  const groups = explained(lost).map(
    ({ note, rows: those }) =>
      `${note.text}\n\n${table(['', `${titleOf(ours)}, ms`, 'better, ms'], those.map(loss))}`
  )
  return [losses(rows, lost), ...groups].join('\n\n')
}

/** How much better, in a sentence. */
function losses(rows: readonly Row[], lost: readonly Row[]): string {
  const faultless = lost.filter(({ ours: own, better }) => isSpotless(own) && better.every(isSpotless))
  const those = faultless.length === lost.length ? 'all' : faultless.length
  return `In ${lost.length} of ${rows.length} scenarios another is better; in ${those} of these nothing is wrong with either, and the other is faster.`
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

function glance(rows: readonly Row[]): string {
  const spotless = rows.filter(({ ours: own }) => isSpotless(own))
  const first = rows.filter(({ better }) => better.length === 0)
  const alone = spotless.filter(({ standings }) => standings.filter(isSpotless).length === 1)
  return `${titleOf(ours)} does as it should in ${spotless.length} of ${rows.length} scenarios. In ${first.length} it is first, or as good as the
first; in ${alone.length} it is the only one that does as it should.`
}

function isSpotless({ faults }: Standing): boolean {
  return verdictOf(faults) === 'good'
}

function method({ environment, versions, repeats, connections }: CompareResults): string {
  const { date, node, system, processor, cores } = environment
  const packages = subjects.flatMap((subject) => subject.package ?? [])
  const listed = packages.map((name) => `${name} ${versions[name]}`).join(', ')
  return `Each scenario was run ${repeats === 1 ? 'once' : `${repeats} times`} with each, in a process of its own and in an order of
chance, two at a time; those that count losses alone. The app is the same for all; each is attached to it as its own
documentation says and as well as it can be, in \`benchmark/subjects/attach/\`. Every limit that a package has is set to
the deadline, and the shutdown hook is where the package wants it. Clients are real sockets, and the signal is SIGTERM.

The time is that from the signal to the end of the process. HUNG is a process that was still there ${patience / 1_000} s
after its deadline, and was then killed. What counts is, in this order: ${order}; and only then the time, where a
difference of less than ${tolerance} ms between the medians, or runs that overlap, are none.${repeats === 1 ? ' A single run says little of the time.' : ''}

${date}, ${cores} cores of ${processor}, ${system}, Node.js ${node}, Fastify ${versions['fastify']}; ${listed}. Where there are many
connections, they were ${connections}.`
}

const order =
  'clients that were lost, cut or answered wrongly; a process that never ends; a shutdown hook that never began; an exit code that says the opposite of what happened; clients that were not told what to do'

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
