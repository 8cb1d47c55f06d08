import type { Conflict } from '../../deployment/conflict.ts'
import { comeback, comebackRule } from '../../deployment/nginx.ts'
import type { Site } from '../../deployment/site.ts'
import { type App, isAskedFor, isConflict, siteOf } from '../app/app.ts'
import { otherThanNode } from '../app/others.ts'
import type { Page } from '../findings/page.ts'
import { unservedRule } from '../rules/ports.ts'
import { repeatedRule } from '../rules/repeated.ts'
import { blocksIn, type Directive } from './blocks.ts'

/** Checks how nginx sends requests to the app: its upstreams, and what it does when a server refuses a request. */
export function checkNginx(page: Page, app: App, text: string): void {
  const { directives, unread } = blocksIn(text)
  if (unread !== undefined)
    page.cannotRead(
      unread.at,
      '',
      unread.reason,
      'Mend it, or give the configuration that nginx has: `nginx -T`'
    )
  const passes = passesIn(directives, undefined)
  for (const upstream of allOf(directives, 'upstream')) {
    const name = upstream.words[0] ?? ''
    const servers = upstream.block.filter((each) => each.name === 'server')
    const own = passes.filter(({ target }) => target === name)
    const subject = `upstream ${name}`
    const why = whyNot(app, name, servers, own, passes)
    const site = siteOf(app, 'elsewhere')
    if (why !== undefined) page.leaveOut(upstream.at, subject, why)
    else if (isConflict(site)) page.say(upstream.at, subject, [site])
    else checkUpstream(page, subject, site, app, upstream, servers, own)
  }
  for (const { at, port } of passes.filter(({ isOwnHost }) => isOwnHost)) {
    page.say(
      at,
      'proxy_pass',
      app.names.length > 0 || port === undefined
        ? []
        : unservedRule('`proxy_pass` leads to', [port], app.port)
    )
  }
}

/** A `proxy_pass`, and the directives that say what nginx does when a server fails. */
interface Pass {
  readonly at: Directive['at']
  readonly target: string
  readonly port: number | undefined
  readonly isOwnHost: boolean
  readonly next: Directive | undefined
  readonly tries: Directive | undefined
}

/** Finds every `proxy_pass`. An inner block inherits the directives of its outer block, unless it has its own. */
function passesIn(
  block: readonly Directive[],
  outer: Pick<Pass, 'next' | 'tries'> | undefined
): readonly Pass[] {
  const next = block.findLast(({ name }) => name === 'proxy_next_upstream') ?? outer?.next
  const tries = block.findLast(({ name }) => name === 'proxy_next_upstream_tries') ?? outer?.tries
  return block.flatMap((directive) => {
    if (directive.name !== 'proxy_pass') return passesIn(directive.block, { next, tries })
    const [, target = '', port] = /^https?:\/\/([^/:$]+)(?::(\d+))?/.exec(directive.words[0] ?? '') ?? []
    const isOwnHost = /^(localhost|127\.0\.0\.1)$/.test(target)
    return [
      {
        at: directive.at,
        target,
        port: port === undefined ? undefined : Number(port),
        isOwnHost,
        next,
        tries
      }
    ]
  })
}

function allOf(block: readonly Directive[], name: string): readonly Directive[] {
  return block.flatMap((each) => (each.name === name ? [each] : allOf(each.block, name)))
}

function whyNot(
  app: App,
  name: string,
  servers: readonly Directive[],
  own: readonly Pass[],
  passes: readonly Pass[]
): string | undefined {
  if (app.names.length > 0) {
    const hosts = servers.map(({ words }) => (words[0] ?? '').replace(/:\d+$/, ''))
    return isAskedFor(app, name, ...hosts) ? undefined : 'another was named with --app'
  }
  const other = otherThanNode(name)
  if (other !== undefined) return `its name is ${other}`
  return own.length === 0 && passes.length > 0 ? 'no `proxy_pass` leads to it' : undefined
}

function checkUpstream(
  page: Page,
  subject: string,
  site: Site,
  app: App,
  upstream: Directive,
  servers: readonly Directive[],
  own: readonly Pass[]
): void {
  const ports = servers.flatMap(({ words }) => {
    const [, port] = /:(\d+)$/.exec(words[0] ?? '') ?? []
    return port === undefined ? [] : [Number(port)]
  })
  page.say(upstream.at, subject, unservedRule('The servers are asked at', ports, app.port))
  const active = servers.filter(({ words }) => !words.includes('down') && !words.includes('backup'))
  // With one server, nginx cannot send a request anywhere else.
  if (active.length < 2) return
  const slowest = active
    .map((server) => ({ server, time: leftAlone(server) }))
    .sort((one, other) => other.time - one.time)[0]
  if (slowest !== undefined && slowest.time > 0) {
    page.say(
      slowest.server.at,
      subject,
      comebackRule(site.budget.lameDuck, (slowest.time + comeback) * 1_000)
    )
  }
  for (const { at, next, tries } of own) {
    const events = next?.words ?? ['error', 'timeout']
    const place = next?.at ?? at
    if (events.includes('off') || tries?.words[0] === '1')
      page.say(events.includes('off') ? place : (tries?.at ?? at), subject, [onlyOne])
    else if (!events.includes('http_503')) page.say(place, subject, [without503(events)])
    if (events.includes('non_idempotent'))
      page.say(place, subject, [repeatedRule('`non_idempotent`', 'Leave it out')])
  }
}

const units: Readonly<Record<string, number>> = { ms: 0.001, s: 1, m: 60, h: 3_600, d: 86_400 }

/** The time in which nginx sends nothing to a server that has failed, in s. */
function leftAlone({ words }: Directive): number {
  if (words.includes('max_fails=0')) return 0
  const text = words.find((word) => word.startsWith('fail_timeout='))?.slice('fail_timeout='.length)
  const [, number, unit = 's'] = /^(\d+)(ms|s|m|h|d)?$/.exec(text ?? '') ?? []
  return number === undefined ? 10 : Math.ceil(Number(number) * (units[unit] as number))
}

const onlyOne: Conflict = {
  rule: 'readiness-ignored',
  severity: 'warning',
  is: 'nginx sends a request to one server only',
  follows: 'a client gets the 503 of a server that is about to end, although another server could serve it',
  write: 'Write `proxy_next_upstream error timeout http_503`, with no limit of one try'
}

function without503(events: readonly string[]): Conflict {
  return {
    rule: 'readiness-ignored',
    severity: 'warning',
    is: '`proxy_next_upstream` does not have `http_503`',
    follows: 'a client gets the 503 of a server that is about to end, although another server could serve it',
    write: `Write \`proxy_next_upstream ${[...events, 'http_503'].join(' ')}\``
  }
}
