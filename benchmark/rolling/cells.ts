import { ours, subjects } from '../subjects.ts'

/** What stands before the backends. */
export type Front = HAProxyFront | NGINXFront | KubernetesFront

export interface HAProxyFront {
  readonly kind: 'haproxy'
  /** The generated backend says 3, each on another server. With 0 a request has one try only. */
  readonly retries: 3 | 0
  readonly client: Protocol
  readonly server: Protocol
}

export interface NGINXFront {
  readonly kind: 'nginx'
  readonly client: Protocol
  /** Whether nginx is left to find out by itself, or is told before the server is. */
  readonly told: 'nothing' | 'down'
}

export interface KubernetesFront {
  readonly kind: 'kubernetes'
  /** The factor for all of its times, those of the app included. */
  readonly scale: number
}

export type Protocol = 'HTTP/1.1' | 'HTTP/2'

/**
 * How long the old instance serves on after the signal: not at all, for a set time, or until the probes have seen it.
 * `handOver` is no wait, with the option of that name.
 */
export type Wait = 'none' | 'handOver' | 'set' | 'probes'

/** One way to roll one subject. */
export interface Cell {
  readonly subject: string
  readonly front: Front
  readonly backends: number
  readonly wait: Wait
  readonly restarts: number
}

type Way = Omit<Cell, 'restarts'>

const haproxy: HAProxyFront = { kind: 'haproxy', retries: 3, client: 'HTTP/1.1', server: 'HTTP/1.1' }
const onlyOneTry: HAProxyFront = { ...haproxy, retries: 0 }
const nginx: NGINXFront = { kind: 'nginx', client: 'HTTP/1.1', told: 'nothing' }
const nginxTold: NGINXFront = { ...nginx, told: 'down' }
const kubernetes: KubernetesFront = { kind: 'kubernetes', scale: 1 }
const kubernetesScaled: KubernetesFront = { kind: 'kubernetes', scale: 0.2 }

/**
 * All that is rolled: ours in every way, then everyone in the ways that tell most. Each cell with the same wait has as
 * many restarts; those without a wait, which lose requests, have more.
 */
export function cells(quick: boolean, restarts?: number): Cell[] {
  const restartsFor = (wait: Wait) => restarts ?? (quick ? 2 : isNoWait(wait) ? 20 : 10)
  return waysToRoll(quick).map((way) => ({ ...way, restarts: restartsFor(way.wait) }))
}

function isNoWait(wait: Wait): boolean {
  return wait === 'none' || wait === 'handOver'
}

function waysToRoll(quick: boolean): Way[] {
  const peers = subjects.filter(({ name }) => name !== ours)
  const everyWay = quick
    ? []
    : [
        ...(['none', 'handOver', 'set', 'probes'] as const).map((wait) => ourCell(onlyOneTry, 2, wait)),
        ourCell(haproxy, 2, 'probes'),
        ourCell(onlyOneTry, 3, 'set'),
        ourCell({ ...onlyOneTry, client: 'HTTP/2' }, 2, 'set'),
        ourCell({ ...onlyOneTry, client: 'HTTP/2', server: 'HTTP/2' }, 2, 'set'),
        ourCell(nginx, 2, 'none'),
        ourCell(nginx, 2, 'handOver'),
        ourCell(nginx, 3, 'set'),
        ourCell({ ...nginxTold, client: 'HTTP/2' }, 2, 'set'),
        ourCell(kubernetes, 2, 'set'),
        ourCell(kubernetesScaled, 3, 'set'),
        ourCell(kubernetesScaled, 2, 'probes')
      ]
  return [
    ...[haproxy, kubernetesScaled].flatMap((front) => [ourCell(front, 2, 'none'), ourCell(front, 2, 'set')]),
    ourCell(haproxy, 2, 'handOver'),
    ourCell(nginx, 2, 'set'),
    ourCell(nginxTold, 2, 'set'),
    ...everyWay,
    ...peers.flatMap(({ name }) => cellsOfPeer(name, quick))
  ]
}

function ourCell(front: Front, backends: number, wait: Wait): Way {
  return { subject: ours, front, backends, wait }
}

/** By hand, or with the package's own option, each that can wait does; those that cannot are rolled without. */
function cellsOfPeer(subject: string, quick: boolean): Way[] {
  // Lightship's probes have a port of their own, another one for each process: only a platform that asks finds it.
  const all = quick ? [haproxy] : [haproxy, kubernetesScaled]
  const fronts = subject === 'lightship' ? [kubernetesScaled] : all
  const canWait = subjects.find(({ name }) => name === subject)?.canWait === true
  const waits: Wait[] = canWait ? ['none', 'set'] : ['none']
  const cellOf = (front: Front, wait: Wait): Way => ({ subject, front, backends: 2, wait })
  const inEach = fronts.flatMap((front) => waits.map((wait) => cellOf(front, wait)))
  if (quick || subject === 'lightship') return inEach
  // Who has only one try is the hard case for those that close the port at once, and nginx tries a POST again only then.
  return [...inEach, cellOf(onlyOneTry, 'none'), cellOf(nginx, 'none')]
}

/** A cell in words, which `--only` is matched with. */
export function titleOf({ subject, front, backends, wait, restarts }: Cell): string {
  return `${subject} behind ${nameOf(front)}, ${backends} backends, wait: ${wait}, ${restarts} restarts`
}

/** A front in words. */
export function nameOf(front: Front): string {
  switch (front.kind) {
    case 'haproxy':
      return `HAProxy, retries ${front.retries}, ${spoken(front.client, front.server)}`
    case 'nginx':
      return `nginx, ${front.told === 'down' ? '`down` and reload' : 'no reload'}, ${spoken(front.client, 'HTTP/1.1')}`
    case 'kubernetes':
      return front.scale === 1 ? 'Kubernetes, simulated' : `Kubernetes, simulated, times × ${front.scale}`
  }
}

function spoken(client: Protocol, server: Protocol): string {
  return client === server ? client : `${client} to ${server}`
}
