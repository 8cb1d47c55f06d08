import { hostReserve, secondsFor } from '../../deployment/grace.ts'
import { graceRule, signalRule } from '../../deployment/rules.ts'
import type { Site } from '../../deployment/site.ts'
import { type App, isConflict, siteOf } from '../app/app.ts'
import { hearingOf } from '../commands/hearing.ts'
import { wordsOf } from '../commands/words.ts'
import { durationOf } from '../compose/values.ts'
import type { Page } from '../findings/page.ts'
import { misplaced, misspelt } from '../rules/keys.ts'
import { unservedRule } from '../rules/ports.ts'
import { probeRules } from '../rules/probes.ts'
import { reachRule } from '../rules/reach.ts'
import { stopSignalRule } from '../rules/signals.ts'
import { entriesOf, entryOf, itemsOf, start, type Tree, textOf, wholeOf, within } from '../tree/tree.ts'
import { tomlIn } from './toml.ts'

/** Fly's default grace period, in s. */
const usual = 5

// biome-ignore format: a list of names
const otherKeys = [
  'app', 'primary_region', 'console_command', 'swap_size_mb', 'host_dedication_key', 'build', 'deploy', 'env',
  'http_service', 'services', 'checks', 'processes', 'vm', 'mounts', 'statics', 'files', 'restart', 'metrics',
  'experimental', 'machine_checks', 'machines'
]

/** Checks the configuration of an app on Fly. */
export function checkFly(page: Page, app: App, text: string): void {
  const { tree, unread } = tomlIn(text)
  if (unread !== undefined) {
    page.cannotRead(unread.at, '', unread.reason, 'Mend it')
    return
  }
  const site = siteOf(app, 'elsewhere')
  if (isConflict(site)) {
    page.say(start, '', [site])
    return
  }
  checkStop(page, site, tree)
  checkProcesses(page, tree)
  checkServices(page, site, app, tree)
  misspelt(page, '', tree, ['kill_timeout', 'kill_signal'], otherKeys)
}

function checkStop(page: Page, site: Site, tree: Tree): void {
  const needed = secondsFor(site.settings.deadline, hostReserve)
  const time = within(tree, 'kill_timeout')
  const text = textOf(time)
  const remedy = `Write \`kill_timeout = ${needed}\` at the top, before the first table`
  const given =
    text === undefined ? usual * 1_000 : /^\d+$/.test(text) ? Number(text) * 1_000 : durationOf(text)
  if (given === undefined) page.cannotRead(time?.at ?? start, '', '`kill_timeout` must be a time', remedy)
  else {
    const setting = text === undefined ? '`kill_timeout` is not written, and its default' : '`kill_timeout`'
    page.say(
      time?.at ?? start,
      '',
      graceRule(site.settings, { given, needed: needed * 1_000, setting, remedy })
    )
  }
  const signal = within(tree, 'kill_signal')
  const name = textOf(signal)
  if (name === undefined) page.say(start, '', signalRule(site.settings, 'SIGINT', 'Fly'))
  else {
    const write = (other: string) => `\`kill_signal = "${other}"\``
    page.say(signal?.at ?? start, '', stopSignalRule(site, name, { platform: 'Fly', write }))
  }
  for (const [table, { value }] of entriesOf(tree)) {
    for (const key of ['kill_timeout', 'kill_signal']) {
      const entry = entryOf(value, key)
      const where = 'the top of the file: below a table it belongs to that'
      if (entry !== undefined) page.say(entry.at, `[${table}]`, [misplaced(key, where, 'the default counts')])
    }
  }
}

/** Checks that the signal reaches the app. Fly's init process sends the signal to the process that it has started. */
function checkProcesses(page: Page, tree: Tree): void {
  const commands = [
    ...entriesOf(within(tree, 'processes')),
    ...entriesOf(within(tree, 'experimental')).filter(([key]) => key === 'cmd')
  ]
  for (const [name, { at, value }] of commands) {
    const words =
      value.kind === 'sequence'
        ? itemsOf(value).map((item) => textOf(item) ?? '')
        : wordsOf(textOf(value) ?? '')
    const hearing = hearingOf(words, { shell: 'unknown' })
    if (words.length === 0 || hearing.reach === 'unknown') continue
    page.say(
      at,
      `Process ${name}`,
      reachRule(hearing, (list) => `\`${name} = ${JSON.stringify(list.join(' '))}\``)
    )
  }
}

function checkServices(page: Page, site: Site, app: App, tree: Tree): void {
  const own = app.port ?? wholeOf(within(tree, 'env', 'PORT'))
  const http = within(tree, 'http_service')
  const services = [...(http === undefined ? [] : [http]), ...itemsOf(within(tree, 'services'))]
  for (const service of services) {
    const port = entryOf(service, 'internal_port')
    const number = wholeOf(port?.value)
    if (port !== undefined && number !== undefined)
      page.say(port.at, '', unservedRule('`internal_port` is', [number], own))
    for (const check of [...itemsOf(within(service, 'checks')), ...itemsOf(within(service, 'http_checks'))]) {
      checkPath(page, site, check, '`checks`')
    }
  }
  for (const [name, { value }] of entriesOf(within(tree, 'checks'))) {
    if (textOf(within(value, 'type')) === 'http') checkPath(page, site, value, `the check \`${name}\``)
  }
}

/** Checks that a check of Fly asks readiness. If the check fails, the balancer sends no requests to the machine. */
function checkPath(page: Page, site: Site, check: Tree, name: string): void {
  const path = entryOf(check, 'path')
  const probe = {
    purpose: 'readiness',
    name,
    path: textOf(path?.value) ?? '/',
    port: wholeOf(within(check, 'port'))
  } as const
  page.say(path?.at ?? check.at, '', probeRules(site, probe))
}
