import { sentenceOf } from './conflict.ts'
import { noticingTime, probingFor } from './probing.ts'
import { lameDuckRule, readinessRule } from './rules.ts'
import { type Advice, probePortOf, type Site, urlOf } from './site.ts'
import { commented } from './text.ts'

/** The settings for HAProxy; times in ms. */
export interface HAProxyValues extends Advice {
  /** The path that is checked: `http-check send meth GET uri`. */
  readonly check: string | false
  /** The time between two checks, in ms. */
  readonly inter: number
  /** The time between two checks once one has failed, in ms. */
  readonly fastinter: number
  /** How many checks in a row must fail. */
  readonly fall: number
  /** How many checks in a row must succeed before the server counts as up. */
  readonly rise: number
  /** `timeout check` */
  readonly timeout: number
  readonly retries: number
  /** How long the lame duck must last, so that HAProxy stops sending requests before it ends, in ms. */
  readonly lameDuckAtLeast: number
}

export function haproxyFor(site: Site): HAProxyValues {
  const { budget, settings } = site
  const { ready } = settings.health
  // HAProxy's own `inter` is 2 s.
  const probing = probingFor(site, { unit: 100, longestPeriod: 2_000, rechecks: true })
  const check = ready === false ? false : urlOf(ready)
  const handsOver = settings.handOver === true
  // With `handOver`, HAProxy sends a request that meets a closed port to another server. So it need not notice the
  // drain before the port closes.
  const noticing = check === false || handsOver ? [] : lameDuckRule(settings, probing)
  const conflicts = [...readinessRule(settings), ...noticing]
  const notes = [
    'HAProxy sends a request that meets a closed port to the next server (`option redispatch`). It does not repeat a request that was answered 503, because the 503 may come from the app itself.',
    ...handOverNotes(handsOver, budget.lameDuck)
  ]
  const values: Omit<HAProxyValues, 'toText'> = {
    budget,
    check,
    inter: probing.period,
    fastinter: probing.recheck ?? probing.period,
    fall: probing.failures,
    rise: 1,
    timeout: probing.timeout,
    retries: 3,
    lameDuckAtLeast: noticingTime(probing),
    warnings: conflicts.map(sentenceOf),
    notes
  }
  return { ...values, toText: () => commented(values, textOf(site, values)) }
}

function handOverNotes(handsOver: boolean, lameDuck: number): string[] {
  if (handsOver) {
    return [
      '`handOver` closes the port at the signal, and HAProxy sends later requests to the next server. No `lameDuck` is needed, as long as `retries` and `option redispatch` stay.'
    ]
  }
  if (lameDuck > 0) return []
  return [
    'Without a `lameDuck`, set `handOver: true` in the app. It closes the port at the signal, so HAProxy sends later requests to the next server.'
  ]
}

function textOf(site: Site, values: Omit<HAProxyValues, 'toText'>): string {
  const { name, port, hosts } = site.place
  const { check, inter, fastinter, fall, rise, timeout, retries } = values
  const checks =
    check === false
      ? []
      : [
          'option httpchk',
          // Node.js rejects a check over HTTP/2 that names no host.
          `http-check send meth GET uri ${check} hdr Host ${name}`,
          'http-check expect status 200',
          `timeout check ${timeout}ms`,
          `default-server check inter ${inter}ms fastinter ${fastinter}ms fall ${fall} rise ${rise}${checkPort(site)}`
        ]
  const servers = hosts.map((host, index) => `server ${name}-${index + 1} ${host}:${port}`)
  const lines = [
    'mode http',
    'balance roundrobin',
    'option redispatch 1',
    `retries ${retries}`,
    ...checks,
    ...servers
  ]
  return [`backend ${name}`, ...lines.map((line) => `  ${line}`), ''].join('\n')
}

function checkPort(site: Site): string {
  const port = probePortOf(site)
  return port === site.place.port ? '' : ` port ${port}`
}
