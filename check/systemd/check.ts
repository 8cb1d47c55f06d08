import type { Conflict } from '../../deployment/conflict.ts'
import { nearest } from '../../lib/validation/nearest.ts'
import { type App, isAskedFor, isConflict, siteOf } from '../app/app.ts'
import type { Page } from '../findings/page.ts'
import { misplaced, slip } from '../rules/keys.ts'
import { readKeys, serviceKeys } from './keys.ts'
import { checkSocket, leaveOutSocket, socketOf } from './sockets.ts'
import { mainRules, reachRules, type Started, startedBy } from './start.ts'
import { graceRules, killRules, type Placed, signalRules } from './stop.ts'
import { type Line, lastOf, type Unit, unitsIn } from './units.ts'

/** Checks units of systemd, each with its drop-ins and its socket, wherever they stand. */
export function checkSystemd(
  app: App,
  files: readonly { readonly page: Page; readonly text: string }[]
): void {
  const units = unitsIn(files)
  const used = new Set<Unit>()
  for (const { page } of units.flatMap(({ lines }) => lines)) page.see()
  for (const unit of units) {
    const [first] = unit.lines
    if (unit.kind !== 'service' || first === undefined) continue
    const started = startedBy(unit)
    const why = whyNot(app, unit, started)
    if (why !== undefined) {
      first.page.leaveOut(first.at, `Unit ${unit.name}`, why)
      continue
    }
    const socket = socketOf(unit, units)
    checkService(app, unit, first, started, socket !== undefined)
    if (socket !== undefined) {
      used.add(socket)
      checkSocket(socket, unit)
    }
  }
  for (const unit of units) {
    const [first] = unit.lines
    if (unit.kind === 'socket' && !used.has(unit) && first !== undefined) leaveOutSocket(unit, first.page)
  }
}

function whyNot(app: App, unit: Unit, started: Started | undefined): string | undefined {
  const bare = unit.name.replace(/\.service$/, '')
  const isMeant = isAskedFor(app, unit.name, bare, bare.replace(/@.*$/, ''))
  if (app.names.length > 0) return isMeant ? undefined : 'another was named with --app'
  if (lastOf(unit, 'Service', 'Type')?.value === 'oneshot') return 'it runs to its end, and serves nobody'
  if (started === undefined) return unit.isPart ? undefined : 'it starts nothing'
  const { hearing } = started
  if (hearing.reach === 'other') return `it starts ${hearing.program}`
  return hearing.reach === 'unknown' ? 'nothing in it says that it starts an app of Node.js' : undefined
}

function checkService(
  app: App,
  unit: Unit,
  first: Line,
  started: Started | undefined,
  hasSocket: boolean
): void {
  const subject = `Unit ${unit.name}`
  const site = siteOf(app, 'elsewhere')
  const say = (line: Line, conflict: Conflict) => line.page.say(line.at, subject, [conflict])
  if (isConflict(site)) {
    say(first, site)
    return
  }
  const about = started?.line ?? first
  const found: Placed[] = [...graceRules(unit, site), ...signalRules(unit, site), ...killRules(unit, site)]
  if (started !== undefined) {
    found.push(...reachRules(unit, started).map((conflict): Placed => [started.line, conflict]))
    found.push(...mainRules(unit, started, hasSocket))
  }
  for (const [line, conflict] of found) say(line ?? about, conflict)
  checkKeys(unit, say)
}

/** Reports keys of the section that are misspelt, or that are in another section. */
function checkKeys({ lines }: Unit, say: (line: Line, conflict: Conflict) => void): void {
  const known = [...readKeys, ...serviceKeys]
  for (const line of lines) {
    if (line.section === 'Service') {
      const meant = known.includes(line.key) ? undefined : nearest(line.key, known)
      if (meant !== undefined && readKeys.includes(meant)) say(line, slip(line.key, meant))
    } else if (readKeys.includes(line.key) && /^(Unit|Install)$/.test(line.section)) {
      say(line, misplaced(line.key, 'the section `[Service]`', 'systemd ignores it, and the default counts'))
    }
  }
}
