import type { Advice, Site } from './site.ts'
import { commented } from './text.ts'

/** What nginx must be told. */
export interface NginxValues extends Advice {
  /** How many failures make a server be left alone. */
  readonly maxFails: number
  /** For how long a server that failed is left alone, in whole seconds: as long as it may be draining. */
  readonly failTimeout: number
  /** What makes nginx send a request to the next server. */
  readonly nextUpstream: readonly string[]
  /** Idle connections that each worker keeps to the servers. */
  readonly keepalive: number
}

export function nginxFor(site: Site): NginxValues {
  const { budget } = site
  const values = {
    budget,
    maxFails: 1,
    failTimeout: Math.max(1, Math.ceil((budget.deadline - budget.lameDuck) / 1_000)),
    nextUpstream: ['error', 'timeout', 'http_503'],
    keepalive: 16,
    warnings: [],
    notes: [
      'Open-source nginx does not look at the readiness probe. It learns of the drain from the first request that is answered 503, sends that one to the next server, and leaves this one alone for `fail_timeout`.',
      'It does so for safe methods only. A POST that meets the drain gets the 503 with its `Retry-After`; `non_idempotent` would send it on, and also those that a server may have worked on already.',
      'Here the lame duck can only let connections end in peace; a balancer that looks at the readiness probe needs no 503 to notice.'
    ]
  }
  return { ...values, toText: () => commented(values, textOf(site, values)) }
}

function textOf({ place }: Site, values: Omit<NginxValues, 'toText'>): string {
  const { maxFails, failTimeout, nextUpstream, keepalive } = values
  const servers = place.hosts.map(
    (host) => `  server ${host}:${place.port} max_fails=${maxFails} fail_timeout=${failTimeout}s;`
  )
  return [
    `upstream ${place.name} {`,
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
    `    proxy_next_upstream ${nextUpstream.join(' ')};`,
    '  }',
    '}',
    ''
  ].join('\n')
}
