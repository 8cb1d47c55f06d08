import type { Conflict } from '../../deployment/conflict.ts'
import { hostReserve } from '../../deployment/grace.ts'
import { graceRule, signalRule } from '../../deployment/rules.ts'
import type { Site } from '../../deployment/site.ts'
import { type App, isAskedFor, isConflict, siteOf } from '../app/app.ts'
import { hearingOf } from '../commands/hearing.ts'
import { wordsOf } from '../commands/words.ts'
import type { Page } from '../findings/page.ts'
import { misspelt } from '../rules/keys.ts'
import { killTimeout } from '../rules/reach.ts'
import { entryOf, itemsOf, type Position, type Tree, textOf, textsOf, within } from '../tree/tree.ts'
import { Literals } from './literals.ts'

/** Checks the apps of an ecosystem file. The file may be JSON, YAML or JavaScript. JavaScript is read, but not run. */
export function checkPM2(page: Page, app: App, trees: readonly Tree[]): void {
  for (const tree of trees) {
    const apps = within(tree, 'apps')
    const all = tree.kind === 'sequence' ? itemsOf(tree) : apps === undefined ? [tree] : itemsOf(apps)
    if (all.length === 0) notSeen(page, apps?.at ?? tree.at)
    for (const each of all) checkApp(page, app, each)
  }
}

function notSeen(page: Page, at: Position): void {
  const remedy = 'Give what the program makes: `node -p "JSON.stringify(require(\'./ecosystem.config.js\'))"`'
  page.cannotRead(at, '', 'the program decides it when it runs', remedy)
}

/** The apps in a program: the value of `apps`. */
export function appsIn(page: Page, text: string): readonly Tree[] {
  const literals = new Literals(text)
  const tree = literals.listOf('apps')
  if (tree !== undefined) return [tree]
  notSeen(page, literals.placeOf('apps'))
  return []
}

// biome-ignore format: a list of names
const otherKeys = [
  'name', 'script', 'args', 'cwd', 'instances', 'exec_mode', 'env', 'env_production', 'env_development', 'watch',
  'ignore_watch', 'max_memory_restart', 'autorestart', 'interpreter', 'interpreter_args', 'node_args', 'error_file',
  'out_file', 'log_file', 'pid_file', 'merge_logs', 'log_date_format', 'min_uptime', 'max_restarts', 'restart_delay',
  'exp_backoff_restart_delay', 'cron_restart', 'source_map_support', 'instance_var', 'time', 'treekill', 'port',
  'namespace', 'vizion', 'force', 'increment_var', 'filter_env', 'user', 'group', 'log_type', 'combine_logs',
  'kill_retry_time', 'stop_exit_codes', 'append_env_to_name', 'disable_logs', 'pmx', 'automation'
]

function checkApp(page: Page, app: App, tree: Tree): void {
  const name = textOf(within(tree, 'name')) ?? textOf(within(tree, 'script')) ?? '(no name)'
  const subject = `App ${name}`
  if (tree.kind === 'unknown') {
    notSeen(page, tree.at)
    return
  }
  const words = commandOf(tree)
  const hearing = hearingOf(words, { shell: 'unknown' })
  if (!isAskedFor(app, name)) page.leaveOut(tree.at, subject, 'another was named with --app')
  else if (textOf(within(tree, 'autorestart')) === 'false' && within(tree, 'cron_restart') !== undefined)
    page.leaveOut(tree.at, subject, 'it runs to its end, and serves nobody')
  else if (app.names.length === 0 && hearing.reach === 'other')
    page.leaveOut(tree.at, subject, `it starts ${hearing.program}`)
  else {
    const site = siteOf(app, 'elsewhere')
    if (isConflict(site)) page.say(tree.at, subject, [site])
    else check(page, subject, site, tree, hearing.reach === 'nobody' ? hearing.front.name : undefined)
  }
}

/** The command that PM2 starts: node with the script, unless the script or its interpreter is something else. */
function commandOf(tree: Tree): readonly string[] {
  const script = textOf(within(tree, 'script')) ?? ''
  const interpreter = textOf(within(tree, 'interpreter')) ?? ''
  const args = textsOf(within(tree, 'args')) ?? wordsOf(textOf(within(tree, 'args')) ?? '')
  if (interpreter !== '' && interpreter !== 'none') return [interpreter, script, ...args]
  const words = [...wordsOf(script), ...args]
  if (/\.[cm]?[jt]sx?$/.test(words[0] ?? '')) return ['node', ...words]
  return /\.py$/.test(words[0] ?? '') ? ['python', ...words] : words
}

function check(page: Page, subject: string, site: Site, tree: Tree, front: string | undefined): void {
  const key = 'kill_timeout'
  const entry = entryOf(tree, key)
  const value = within(tree, key)
  const needed = Math.ceil(site.settings.deadline + hostReserve)
  const given = value === undefined ? killTimeout : timeOf(textOf(value))
  if (given === undefined) {
    const reason = value?.kind === 'unknown' ? value.why : `\`${key}\` must be a number of ms`
    page.cannotRead(entry?.at ?? tree.at, subject, reason, `Write \`${key}: ${needed}\``)
  } else {
    const setting = value === undefined ? `\`${key}\` is not written, and its default` : `\`${key}\``
    page.say(
      entry?.at ?? tree.at,
      subject,
      graceRule(site.settings, { given, needed, setting, remedy: `Write \`${key}: ${needed}\`` })
    )
  }
  page.say(tree.at, subject, signalRule(site.settings, 'SIGINT', 'PM2'))
  misspelt(
    page,
    subject,
    tree,
    ['kill_timeout', 'wait_ready', 'listen_timeout', 'shutdown_with_message'],
    otherKeys
  )
  if (front !== undefined) page.say(entryOf(tree, 'script')?.at ?? tree.at, subject, [wrapped(front)])
}

/** A time such as `1600`, or a text with a unit. */
function timeOf(text: string | undefined): number | undefined {
  const [, number, unit] = /^(\d+(?:\.\d+)?)(s|m|h)?$/.exec(text ?? '') ?? []
  if (number === undefined) return undefined
  return Number(number) * (unit === 's' ? 1_000 : unit === 'm' ? 60_000 : unit === 'h' ? 3_600_000 : 1)
}

function wrapped(front: string): Conflict {
  return {
    rule: 'signal-not-reached',
    severity: 'warning',
    is: `\`${front}\` stands before the app, and PM2 waits only for that process`,
    follows:
      'PM2 starts the next process while the app still drains, and the next process cannot open the port',
    write: 'Write the file of the app as `script`'
  }
}
