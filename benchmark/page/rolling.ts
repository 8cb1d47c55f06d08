import { nameOf as frontOf } from '../rolling/cells.ts'
import type { RollingResults } from '../rolling/results.ts'
import type { Outcome } from '../rolling/roll.ts'
import { failuresOf, lossOf } from '../rolling/tally.ts'
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
      `How many of the requests failed, without a wait and with a wait. The wait is as long as that of ${titleOf(ours)} in the same place. The 95 % interval over the restarts is given where it is known.`,
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
    const better = peers.filter(
      (peer) => isSamePlace(same, peer) && lossOf(peer.tally).high < lossOf(same.tally).low
    )
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
  if (rows.length === 0) return 'No other package lost fewer requests in the same place, apart from chance.'
  return [
    'In these places others lost fewer requests. The numbers are lost requests of 10,000. The reasons are [below](#why-something-was-lost).',
    table(['behind', titleOf(ours), 'fewer'], rows)
  ].join('\n\n')
}

function inTenThousand(outcome: Outcome): string {
  const { share, low, high } = lossOf(outcome.tally)
  const [value, least, most] = [share, low, high].map((each) => (each * 10_000).toFixed(1))
  return least === most ? `${value}` : `${value} (${least} … ${most})`
}

function isSamePlace(one: Outcome, other: Outcome): boolean {
  const placeOf = ({ front, backends, wait }: Outcome) =>
    JSON.stringify([front, backends, wait === 'handOver' ? 'none' : wait])
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
    `With the \`lameDuck\` that \`deploymentFor\` asks for, ${titleOf(ours)} lost ${lostIn(behind('haproxy'))} behind HAProxy. It lost ` +
    `${lostIn(behind('kubernetes'))} in simulated Kubernetes. If nginx was reloaded before the signal, ${only(told, answered)} of ${sentIn(told)} requests ` +
    `got an answer 5xx, and ${only(told, (what) => !answered(what))} requests lost their connection to nginx. Without that reload, ${titleOf(ours)} ` +
    `lost ${only(alone, (what) => what.startsWith('GET'))} of ${gets.toLocaleString('en')} GETs.`
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

const waits = {
  none: 'no wait',
  handOver: 'no wait, `handOver`',
  set: 'the wait',
  probes: 'a wait until two probes have failed'
} as const

function ownTable(own: readonly Outcome[]): string {
  const head = ['behind', 'backends', '`lameDuck`', 'restarts', 'failed', 'p50, p99 in restarts']
  const rows = own.map((outcome) => [
    frontOf(outcome.front),
    String(outcome.backends),
    `\`${JSON.stringify(outcome.options.lameDuck).replaceAll('"', '')}\`${outcome.wait === 'handOver' ? ', `handOver`' : ''}`,
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
  const among = failuresOf(outcome.tally) === 0 ? '' : `; of 10,000: ${inTenThousand(outcome)}`
  return `${kinds.length === 0 ? of : `${of}: ${kinds.join(', ')}`}${among}${busy}`
}

/** Answers that take so long while nothing happens, in ms, are no matter of restarts. */
const tooBusy = 250

/** Why something was lost, where it was. */
function remarks(own: readonly Outcome[]): string[] {
  const losing = own.filter(({ tally }) => failuresOf(tally) > 0)
  if (losing.length === 0) return []
  const why = [
    losing.some(({ wait }) => wait === 'none') &&
      '- **Without a wait** the balancer does not know of the shutdown yet, so it still sends requests during the drain. This plugin answers them 503, because its port is open. The other packages close their port at once. A balancer by itself sends a request that met a closed port to another server. After a 503, HAProxy does so with `retry-on conn-failure 503`. [`handOver`](drain.md#handing-over) closes the port first, and serves requests on open connections.',
    losing.some((outcome) => isLeftAlone(outcome) && outcome.wait === 'set') &&
      '- **nginx without a reload** has passive checks only. It sends a GET that got 503 to the next server, but never a POST. The client of the POST gets the 503, with `Retry-After`, and nothing was processed. To prevent that, set `down` and reload nginx before the signal. nginx must complete the reload before the lame duck ends.',
    losing.some((outcome) => outcome.front.kind === 'nginx' && !isLeftAlone(outcome)) &&
      '- **A reload of nginx** before 1.27.4 closes kept-alive connections of clients, even while a request is on its way. This happens at any reload, even if no server is restarted.',
    losing.some(({ front, wait }) => front.kind === 'kubernetes' && wait === 'set') &&
      '- **Kubernetes, simulated,** routes connections, not requests. A connection that is idle in the last quarter of the lame duck cannot receive `Connection: close`. If the lame duck is 4.8 s or longer, the plugin [ends such a connection](drain.md#in-the-lame-duck). A scaled lame duck is shorter, so the next request on this connection gets 503.',
    losing.some(({ front, wait }) => front.kind === 'kubernetes' && wait === 'probes') &&
      '- **`probes` in simulated Kubernetes** counts the probes of the kubelet. But the requests come from clients that do not know of the shutdown yet. Set `lameDuck.min` to the time that these clients need.'
  ]
    .filter((remark) => remark !== false)
    .join('\n')
  return ['#### Why something was lost', why]
}

function peersTable(outcomes: readonly Outcome[]): string {
  const fronts = [...new Map(outcomes.filter(isPeers).map(({ front }) => [JSON.stringify(front), front]))]
  const head = ['', ...fronts.flatMap(([, front]) => [`${frontOf(front)}: no wait`, 'the wait'])]
  const handsOver = outcomes.some(({ wait }) => wait === 'handOver')
  const row = (name: string, title: string, waits: readonly (Outcome['wait'] | undefined)[]) => [
    title,
    ...fronts.flatMap(([key]) =>
      waits.map((wait) => {
        if (wait === undefined) return '–'
        const outcome = outcomes.find(
          ({ subject, front, backends, wait: waited }) =>
            subject === name && JSON.stringify(front) === key && waited === wait && backends === 2
        )
        return outcome === undefined ? '–' : `${lost(outcome)}; ${exits(outcome)}`
      })
    )
  ]
  const rows = subjects.map(({ name }) =>
    row(name, name === ours ? `**${titleOf(name)}**` : titleOf(name), ['none', 'set'])
  )
  const own = handsOver ? [row(ours, `**${titleOf(ours)}**, \`handOver\``, ['handOver', undefined])] : []
  return table(head, [...own, ...rows])
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
  return `A separate process sends GET and POST in turn, on 50 connections that are kept alive. It sends requests at fixed times, at half
of the highest possible rate (${Math.min(...rates)} to ${Math.max(...rates)} per second). The process retries only refused HTTP/2 streams. An
answer other than 200 counts as failed. The backends are replaced one after another. SIGTERM ends the old backend. Behind
HAProxy and nginx, the new backend starts after that; in simulated Kubernetes, it is ready before the signal.

HAProxy and nginx are real, with the configuration that \`deploymentFor\` writes. The hard case has \`retries 0\` instead of
3. A router of connections simulates Kubernetes. It still sends to the old backend for 0 to 5 s after the signal, and uses
the probe and the grace period of \`deploymentFor\`. *Times × 0.2* means that all times are scaled, those of the app too.

*The wait* is the time in which an app still serves after the signal, while its readiness probe fails. This plugin calls
it \`lameDuck\`.

${date}, ${cores} cores of ${processor}, ${system}, Node.js ${node}, HAProxy ${versions['haproxy'] ?? 'none'}, nginx ${versions['nginx'] ?? 'none'}; the packages as above.`
}
