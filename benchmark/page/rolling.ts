import { nameOf as frontOf } from '../rolling/cells.ts'
import type { RollingResults } from '../rolling/results.ts'
import type { Outcome } from '../rolling/roll.ts'
import { failuresOf } from '../rolling/tally.ts'
import { ours, subjects, titleOf } from '../subjects.ts'
import { table } from './cells.ts'
import { losses } from './losses.ts'
import type { Section } from './section.ts'

/** Rolling restarts under load: what was lost, behind what, with which wait. */
export const rolling: Section = {
  results: 'rolling.json',
  render(found) {
    const results = found as RollingResults
    const own = results.outcomes.filter(({ subject }) => subject === ours)
    const peers = results.outcomes.filter(({ subject }) => subject !== ours)
    const picture = losses(results.outcomes)
    const markdown = [
      '## Rolling restarts',
      betterOnes(own, peers),
      required(own),
      `![What each lost of 10,000 requests](${picture.file})`,
      method(results),
      `### ${titleOf(ours)}, in every way`,
      ownTable(own),
      ...remarks(own),
      '### The others',
      'Failed requests of those that were sent; without a wait, and with the wait that ours has in the same place.',
      peersTable(results.outcomes),
      ...results.leftOut.map(({ cell, why }) => `Left out: ${cell}, because ${why}.`)
    ]
      .filter((part) => part !== '')
      .join('\n\n')
    return { markdown, pictures: [picture] }
  }
}

function share({ tally }: Outcome): number {
  return failuresOf(tally) / tally.sent
}

/** First, whatever it says. */
function betterOnes(own: readonly Outcome[], peers: readonly Outcome[]): string {
  const rows = own.flatMap((same) => {
    const better = peers.filter((peer) => isSamePlace(same, peer) && share(peer) < share(same))
    if (better.length === 0) return []
    const others = better.sort((one, other) => share(one) - share(other))
    return [
      [
        `${frontOf(same.front)}, ${waits[same.wait]}`,
        inTenThousand(same),
        others.map((peer) => `${titleOf(peer.subject)}: ${inTenThousand(peer)}`).join('; ')
      ]
    ]
  })
  if (rows.length === 0) return 'None of the others lost less than ours in the same place.'
  return [
    'Less than ours was lost, of 10,000 requests, in these places; why, and what will change it, is [below](#why-something-was-lost).',
    table(['behind', titleOf(ours), 'less'], rows)
  ].join('\n\n')
}

function inTenThousand(outcome: Outcome): string {
  return (share(outcome) * 10_000).toFixed(1)
}

function isSamePlace(one: Outcome, other: Outcome): boolean {
  const placeOf = ({ front, backends, wait }: Outcome) => JSON.stringify([front, backends, wait])
  return placeOf(one) === placeOf(other)
}

/** What must be zero, behind whoever looks at the probe or asks nobody; and apart from that what nginx makes of it. */
function required(own: readonly Outcome[]): string {
  const waited = own.filter(({ wait }) => wait === 'set')
  const behind = (kind: Outcome['front']['kind']) => waited.filter(({ front }) => front.kind === kind)
  const told = behind('nginx').filter((outcome) => !isLeftAlone(outcome))
  const alone = behind('nginx').filter(isLeftAlone)
  const lostIn = (outcomes: readonly Outcome[]) =>
    `**${sum(outcomes, ({ tally }) => failuresOf(tally))} of ${sentIn(outcomes)}** requests in ${sum(outcomes, ({ restarts }) => restarts)} restarts`
  const gets = sum(alone, ({ tally }) => tally.sent - tally.posts)
  return (
    `With the wait that \`deploymentFor\` asks for, ${titleOf(ours)} lost ${lostIn(behind('haproxy'))} behind HAProxy, and ` +
    `${lostIn(behind('kubernetes'))} as in Kubernetes. Behind an nginx that was told before, ${only(told, answered)} of ${sentIn(told)} were ` +
    `answered 5xx, and ${only(told, (what) => !answered(what))} lost their connection to nginx. Behind an nginx that was left to find ` +
    `out it lost ${only(alone, (what) => what.startsWith('GET'))} of ${gets.toLocaleString('en')} GETs.`
  )
}

function sum(outcomes: readonly Outcome[], of: (outcome: Outcome) => number): number {
  return outcomes.reduce((all, outcome) => all + of(outcome), 0)
}

function sentIn(outcomes: readonly Outcome[]): string {
  return sum(outcomes, ({ tally }) => tally.sent).toLocaleString('en')
}

/** How many failed in a way like this. */
function only(outcomes: readonly Outcome[], isLike: (what: string) => boolean): number {
  return sum(outcomes, ({ tally }) => {
    const failed = Object.entries(tally.failed).filter(([what]) => isLike(what))
    return failuresOf({ ...tally, failed: Object.fromEntries(failed) })
  })
}

function answered(what: string): boolean {
  return / 5\d\d$/.test(what)
}

function isLeftAlone({ front }: Outcome): boolean {
  return front.kind === 'nginx' && front.told === 'nothing'
}

const waits = { none: 'no wait', set: 'the wait', probes: 'until two probes have seen it' } as const

function ownTable(own: readonly Outcome[]): string {
  const head = ['behind', 'backends', '`lameDuck`', 'restarts', 'failed', 'p50, p99 in restarts']
  const rows = own.map((outcome) => [
    frontOf(outcome.front),
    String(outcome.backends),
    `\`${JSON.stringify(outcome.options.lameDuck).replaceAll('"', '')}\``,
    String(outcome.restarts),
    lost(outcome),
    latency(outcome.tally.restarting),
    latency(outcome.tally.steady),
    milliseconds(outcome.restart),
    `${(outcome.took / 1_000).toFixed(1)} s`
  ])
  return table([...head, 'outside', 'signal to exit', 'the whole roll'], rows)
}

function latency({ p50, p99 }: Outcome['tally']['steady']): string {
  return `${milliseconds(p50)}, ${milliseconds(p99)}`
}

function milliseconds(ms: number): string {
  return `${ms < 10 ? ms.toFixed(1) : ms.toFixed(0)} ms`
}

function lost(outcome: Outcome): string {
  const { sent, failed } = outcome.tally
  const kinds = Object.entries(failed).map(([what, count]) => `${count} × ${what}`)
  const busy = outcome.tally.steady.p99 > tooBusy ? ' (the machine was busy)' : ''
  const of = `${failuresOf(outcome.tally)} of ${sent.toLocaleString('en')}`
  return `${kinds.length === 0 ? of : `${of}: ${kinds.join(', ')}`}${busy}`
}

/** Answers that take so long while nothing happens, in ms, are no matter of restarts. */
const tooBusy = 250

/** Why something was lost, where it was. */
function remarks(own: readonly Outcome[]): string[] {
  const losing = own.filter(({ tally }) => failuresOf(tally) > 0)
  if (losing.length === 0) return []
  const why = [
    losing.some(({ wait }) => wait === 'none') &&
      '- **Without a wait** nobody in front can know yet, so requests come in that meet the drain. Ours answers them 503 while its port is open; the others close the port at once. A balancer sends a request that met a closed port to another server by itself; HAProxy does so with one that was answered 503 where `retry-on conn-failure 503` says so. [An option](design.md#what-is-proposed) that closes the port first and serves what still comes will change that.',
    losing.some((outcome) => isLeftAlone(outcome) && outcome.wait === 'set') &&
      '- **nginx, left alone,** has passive checks only. It sends a GET that was answered 503 to the next server, and never a POST: that client gets the 503, with `Retry-After`, and nothing was processed. `down` and a reload before the signal spares that, as long as nginx is done with it before the lame duck ends.',
    losing.some((outcome) => outcome.front.kind === 'nginx' && !isLeftAlone(outcome)) &&
      '- **A reload of nginx** before 1.27.4 closes client connections that are kept alive, also those that a request is on its way on: it does so where no server is restarted at all.',
    losing.some(({ front, wait }) => front.kind === 'kubernetes' && wait === 'set') &&
      '- **Kubernetes** knows of connections only. One on which nothing is asked in the last quarter of the lame duck cannot be told with a response. From 4.8 s on it is [ended](drain.md#in-the-lame-duck); a scaled lame duck is too short to tell it from one between two requests, so the request that comes on it next is answered 503.',
    losing.some(({ front, wait }) => front.kind === 'kubernetes' && wait === 'probes') &&
      '- **`probes` in Kubernetes** counts the probes of the kubelet, which sends no requests. Those who do have not heard yet: set `min` to how long they take.'
  ]
    .filter((remark) => remark !== false)
    .join('\n')
  return ['#### Why something was lost', why]
}

function peersTable(outcomes: readonly Outcome[]): string {
  const fronts = [...new Map(outcomes.filter(isPeers).map(({ front }) => [JSON.stringify(front), front]))]
  const head = ['', ...fronts.flatMap(([, front]) => [`${frontOf(front)}: no wait`, 'the wait'])]
  const rows = subjects.map(({ name }) => [
    name === ours ? `**${titleOf(name)}**` : titleOf(name),
    ...fronts.flatMap(([key]) =>
      (['none', 'set'] as const).map((wait) => {
        const outcome = outcomes.find(
          ({ subject, front, backends, wait: waited }) =>
            subject === name && JSON.stringify(front) === key && waited === wait && backends === 2
        )
        return outcome === undefined ? '–' : `${lost(outcome)}; ${exits(outcome)}`
      })
    )
  ])
  return table(head, rows)
}

function isPeers({ subject }: Outcome): boolean {
  return subject !== ours
}

function exits(outcome: Outcome): string {
  return `exit ${Object.keys(outcome.exits).join(', ')}`
}

function method({ environment, versions, outcomes }: RollingResults): string {
  const { date, node, system, processor, cores } = environment
  const rates = outcomes.map(({ rate }) => rate)
  return `GET and POST in turn, from 50 connections that are kept alive, in a process of their own; due at fixed times, whatever
became of those before, at half of what can be answered (${Math.min(...rates)} to ${Math.max(...rates)} per second). Nothing is tried twice, but for
HTTP/2 streams that were refused, and what is not answered 200 counts as failed. A backend is ended by SIGTERM, and one
after another is replaced: in its place behind HAProxy and nginx, by a new one that is ready before in Kubernetes. HAProxy
and nginx are real, with the configuration that \`deploymentFor\` writes; \`retries 0\` instead of 3 is the hard case.
Kubernetes is a router of connections that goes on sending for 0 to 5 s after the signal, with the probe and the grace
period of \`deploymentFor\`; where it says so, all times are scaled, the app's own, too.

${date}, ${cores} cores of ${processor}, ${system}, Node.js ${node}, HAProxy ${versions['haproxy'] ?? 'none'}, nginx ${versions['nginx'] ?? 'none'}; the packages as above.`
}
