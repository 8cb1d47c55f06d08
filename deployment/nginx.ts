import { type Conflict, sentenceOf } from './conflict.ts'
import type { Advice, Site } from './site.ts'
import { commented } from './text.ts'

/** The settings for nginx. */
export interface NginxValues extends Advice {
  /** After how many failures nginx stops using a server for a while. */
  readonly maxFails: number
  /** For how long nginx does not use a server that failed, in whole seconds. It fits into the next server's lame duck. */
  readonly failTimeout: number
  /** The failures after which nginx sends a request to the next server. */
  readonly nextUpstream: readonly string[]
  /** How long nginx waits for a connection to a server before it tries the next one, in whole seconds. */
  readonly connectTimeout: number
  /** Idle connections that each worker keeps to the servers. */
  readonly keepalive: number
  /** How long the lame duck must last, so that nginx uses the restarted server again before the next one stops, in ms. */
  readonly lameDuckAtLeast: number
}

/**
 * The longest time after `fail_timeout` until nginx uses a server again, in seconds. nginx counts in whole seconds,
 * and one request to the server must then succeed.
 */
export const comeback = 2

/**
 * In seconds. Nothing answers at the address of a removed container or a dead machine, and nginx would wait for 60 s.
 * A lost first packet is repeated after 1 s, so 1 s would be too short.
 */
const connectTimeout = 2

export function nginxFor(site: Site): NginxValues {
  const { budget, settings } = site
  const failTimeout = Math.max(1, Math.floor(budget.lameDuck / 1_000) - comeback)
  const lameDuckAtLeast = (failTimeout + comeback) * 1_000
  const values = {
    budget,
    maxFails: 1,
    failTimeout,
    nextUpstream: ['error', 'timeout', 'http_503'],
    connectTimeout,
    keepalive: 16,
    lameDuckAtLeast,
    warnings: comebackRule(budget.lameDuck, lameDuckAtLeast).map(sentenceOf),
    notes: [
      ...(settings.handOver === true ? [handOverNote] : []),
      'Open-source nginx does not look at the readiness probe. It learns of the drain from a request that gets 503 or meets a closed port. It sends that request to the next server, and sends this server none for `fail_timeout`. During the lame duck, nginx begins to use the server again that was restarted before.',
      'nginx does not send a POST or PATCH that got 503 to the next server: its client gets the 503 with its `Retry-After`. With `non_idempotent`, nginx would repeat it, but also requests that a server may have worked on already.',
      'To avoid that 503, write `down` into the line of the server, reload nginx, and then send the signal. In the lame duck, the server still answers requests that are on their way.'
    ]
  }
  return { ...values, toText: () => commented(values, textOf(site, values)) }
}

const handOverNote =
  'With `handOver`, requests that come after the signal meet a closed port. nginx sends these to the next server, also a POST, because nothing of it was sent yet.'

/** Checks that nginx uses a restarted server again before the next server rejects requests. */
export function comebackRule(lameDuck: number, needed: number): Conflict[] {
  if (lameDuck >= needed) return []
  return [
    {
      rule: 'lame-duck-too-short',
      severity: 'warning',
      is: `\`lameDuck\` is ${lameDuck} ms, but nginx may send nothing to a server for ${needed} ms after its restart`,
      follows:
        'if the next server ends before that, no server may be left, and every request is answered 502',
      write: `Raise \`lameDuck\` to at least ${needed} ms, or wait as long between two restarts`
    }
  ]
}

function textOf({ place }: Site, values: Omit<NginxValues, 'toText'>): string {
  const { maxFails, failTimeout, connectTimeout, nextUpstream, keepalive } = values
  const servers = place.hosts.map(
    (host) => `  server ${host}:${place.port} max_fails=${maxFails} fail_timeout=${failTimeout}s;`
  )
  return [
    `upstream ${place.name} {`,
    // All workers of nginx share the state of the servers. So one failure is enough for all of them.
    `  zone ${place.name} 64k;`,
    ...servers,
    `  keepalive ${keepalive};`,
    '}',
    '',
    'server {',
    '  listen 80;',
    '  location / {',
    `    proxy_pass http://${place.name};`,
    '    proxy_http_version 1.1;',
    '    proxy_set_header Connection "";',
    `    proxy_connect_timeout ${connectTimeout}s;`,
    `    proxy_next_upstream ${nextUpstream.join(' ')};`,
    '  }',
    '}',
    ''
  ].join('\n')
}
