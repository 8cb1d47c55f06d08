import type { Conflict } from '../../deployment/conflict.ts'
import { lameDuckRule } from '../../deployment/rules.ts'
import type { Site } from '../../deployment/site.ts'
import { type App, isAskedFor, isConflict, siteOf } from '../app/app.ts'
import { otherThanNode } from '../app/others.ts'
import type { Page } from '../findings/page.ts'
import { unservedRule } from '../rules/ports.ts'
import { probeRules } from '../rules/probes.ts'
import { repeatedRule } from '../rules/repeated.ts'
import { type Line, linesOf, type Section, sectionsIn, timeOf } from './lines.ts'
import { isChecked, probingOf, type Server, serversIn } from './servers.ts'

/** Checks the backends of HAProxy that may send requests to the app. */
export function checkHAProxy(page: Page, app: App, text: string): void {
  const sections = sectionsIn(text)
  for (const section of sections) {
    if (section.kind !== 'backend' && section.kind !== 'listen') continue
    const lines = linesOf(section, sections)
    const servers = serversIn(lines)
    const [first] = servers
    if (first === undefined) continue
    const subject = `${section.kind} ${section.name}`
    const why = whyNot(app, section, lines, servers)
    const site = siteOf(app, 'elsewhere')
    if (why !== undefined) page.leaveOut(section.at, subject, why)
    else if (isConflict(site)) page.say(section.at, subject, [site])
    else checkBackend(page, subject, { site, app, lines, servers, first })
  }
}

function whyNot(
  app: App,
  { name }: Section,
  lines: readonly Line[],
  servers: readonly Server[]
): string | undefined {
  if (app.names.length > 0) {
    const hosts = servers.map(({ address }) => address.replace(/:\d*$/, ''))
    return isAskedFor(app, name, ...hosts, ...servers.map((server) => server.name))
      ? undefined
      : 'another was named with --app'
  }
  if (lines.findLast(({ words }) => words[0] === 'mode')?.words[1] !== 'http')
    return 'it sends connections on, not requests'
  const other = otherThanNode(name)
  return other === undefined ? undefined : `its name is ${other}`
}

interface Backend {
  readonly site: Site
  readonly app: App
  readonly lines: readonly Line[]
  readonly servers: readonly Server[]
  readonly first: Server
}

function checkBackend(page: Page, subject: string, { site, app, lines, servers, first }: Backend): void {
  const unchecked = servers.find((server) => !isChecked(server) && !server.options.includes('backup'))
  const check = lines.find(({ words }) => words[0] === 'option' && words[1] === 'httpchk')
  const send = lines.findLast(({ words }) => words[0] === 'http-check' && words[1] === 'send')
  if (unchecked !== undefined) page.say(unchecked.at, subject, [without])
  else if (check === undefined) page.say(first.at, subject, [onlyTcp(site)])
  else {
    const line = send ?? check
    const path = pathOf(check, send)
    const probe = { purpose: 'readiness', name: '`httpchk`', path, port: undefined } as const
    page.say(line.at, subject, probeRules(site, probe))
    const [, , timeout] =
      lines.findLast(({ words }) => words[0] === 'timeout' && words[1] === 'check')?.words ?? []
    // With `handOver`, the port is closed, and HAProxy notices this at the first refused connection.
    if (!site.settings.handOver)
      page.say(first.at, subject, lameDuckRule(site.settings, probingOf(first, timeOf(timeout))))
  }
  for (const server of servers) {
    if (server.options.join(' ').includes('on-marked-down shutdown-sessions'))
      page.say(server.at, subject, [cuts])
  }
  checkRetries(page, subject, lines)
  const ports = servers.flatMap(({ port }) => (port === undefined ? [] : [port]))
  page.say(first.at, subject, unservedRule('The servers are asked at', ports, app.port))
}

/** `option httpchk GET /readyz`, or `http-check send meth GET uri /readyz`. */
function pathOf(check: Line, send: Line | undefined): string {
  const words = send?.words ?? []
  const uri = words[words.indexOf('uri') + 1]
  return words.includes('uri') && uri !== undefined
    ? uri
    : (check.words.slice(2).find((word) => word.startsWith('/')) ?? '/')
}

function checkRetries(page: Page, subject: string, lines: readonly Line[]): void {
  const line = lines.findLast(({ words }) => words[0] === 'retry-on')
  const isSafe = lines.some(({ words }) => words.includes('disable-l7-retry'))
  const unsafe =
    line?.words
      .slice(1)
      .filter((word) =>
        /^(all-retryable-errors|empty-response|junk-response|response-timeout|500|502|504)$/.test(word)
      ) ?? []
  if (line === undefined || isSafe || unsafe.length === 0) return
  const write =
    'Add `http-request disable-l7-retry if METH_POST`, or leave these events out: `retry-on conn-failure 503`'
  page.say(line.at, subject, [repeatedRule(`\`retry-on ${unsafe.join(' ')}\``, write)])
}

const without: Conflict = {
  rule: 'probe-missing',
  severity: 'warning',
  is: 'The server has no `check`',
  follows: 'it still gets requests while it ends, and after that',
  write: 'Write `check` behind the server, and `option httpchk` with the readiness of the app'
}

function onlyTcp({ settings }: Site): Conflict {
  return {
    rule: 'probe-kind',
    severity: 'warning',
    is: 'The check only opens a connection: there is no `option httpchk`',
    follows: 'a server that is about to end still accepts connections, so it still gets requests',
    write: `Write \`option httpchk GET ${settings.health.ready || '/readyz'}\``
  }
}

const cuts: Conflict = {
  rule: 'requests-cut',
  severity: 'error',
  is: '`on-marked-down shutdown-sessions` ends the connections of a server as soon as its check fails',
  follows: 'the check fails when the shutdown begins, so all requests in flight are cut',
  write: 'Leave it out'
}
