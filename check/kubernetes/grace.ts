import type { Conflict } from '../../deployment/conflict.ts'
import { clusterReserve, secondsFor } from '../../deployment/grace.ts'
import { graceRule } from '../../deployment/rules.ts'
import type { Site } from '../../deployment/site.ts'
import { scriptOf } from '../commands/words.ts'
import type { Page } from '../findings/page.ts'
import { misplaced } from '../rules/keys.ts'
import { entryOf, numberOf, type Position, type Tree, textsOf, within } from '../tree/tree.ts'
import type { Workload } from './workloads.ts'

const key = 'terminationGracePeriodSeconds'

/** The default grace period of Kubernetes, in s. */
const kubeletDefault = 30

/** Checks that the kill comes after the deadline. A preStop hook runs before the signal, so its time counts as well. */
export function checkGrace(
  page: Page,
  subject: string,
  site: Site,
  workload: Workload,
  container: Tree
): void {
  const { pod, at, isPatch } = workload
  const entry = entryOf(pod, key)
  const value = within(pod, key)
  if (entry === undefined && isPatch) return
  const place = entry?.at ?? at
  if (value !== undefined && numberOf(value) === undefined) {
    const reason = value.kind === 'unknown' ? value.why : `\`${key}\` must be a number of seconds`
    page.cannotRead(place, subject, reason, `Write a number of seconds: \`${key}: ${neededFor(site)}\``)
    return
  }
  const seconds = numberOf(value) ?? kubeletDefault
  const delay = preStopOf(container) ?? 0
  page.say(place, subject, graceConflicts(site, seconds, delay, entry !== undefined && value !== undefined))
}

/** Checks the grace period of a liveness or startup probe. It counts when this probe has failed. */
export function checkProbeGrace(page: Page, subject: string, site: Site, container: Tree): void {
  for (const name of ['livenessProbe', 'startupProbe']) {
    const probe = within(container, name)
    const entry = entryOf(probe, key)
    const seconds = numberOf(entry?.value)
    if (entry === undefined || seconds === undefined) continue
    const setting = `\`${key}\` of ${name}, which counts when that probe has failed,`
    const needed = neededFor(site)
    page.say(
      entry.at,
      subject,
      graceRule(site.settings, {
        given: seconds * 1_000,
        needed: needed * 1_000,
        setting,
        remedy: `Write \`${key}: ${needed}\``
      })
    )
  }
}

/** Reports `terminationGracePeriodSeconds` in a wrong place. It belongs to the pod, and is ignored elsewhere. */
export function checkGracePlace(
  page: Page,
  subject: string,
  { tree, pod, template }: Workload,
  container: Tree
): void {
  const places = [tree, within(tree, 'spec'), template, container, within(container, 'lifecycle')]
  for (const place of new Set(places)) {
    const entry = place === pod ? undefined : entryOf(place, key)
    if (entry !== undefined) {
      page.say(entry.at, subject, [
        misplaced(key, 'the `spec` of the pod, beside `containers`', `the pod gets ${kubeletDefault} s`)
      ])
    }
  }
}

function neededFor({ settings }: Site): number {
  return secondsFor(settings.deadline, clusterReserve)
}

function graceConflicts(site: Site, seconds: number, delay: number, isWritten: boolean): Conflict[] {
  const needed = neededFor(site)
  if (seconds === 0) {
    return [
      {
        rule: 'grace-too-short',
        severity: 'error',
        is: `\`${key}\` is 0`,
        follows: 'the app is killed at once, without a signal that it could handle',
        write: `Write \`${key}: ${needed}\``
      }
    ]
  }
  const what = isWritten ? `\`${key}\`` : `\`${key}\` is not written, and its default`
  const setting = delay === 0 ? what : `${what}, less the ${delay} s of the preStop hook,`
  return graceRule(site.settings, {
    given: (seconds - delay) * 1_000,
    needed: needed * 1_000,
    setting,
    remedy: `Write \`${key}: ${needed + delay}\``
  })
}

/** The time that a preStop hook takes, in s; `undefined` if the file does not show it. */
export function preStopOf(container: Tree): number | undefined {
  const hook = within(container, 'lifecycle', 'preStop')
  const slept = numberOf(within(hook, 'sleep', 'seconds'))
  if (slept !== undefined) return slept
  const words = textsOf(within(hook, 'exec', 'command'))
  if (words === undefined) return hook === undefined ? 0 : undefined
  const flag = words.findIndex((word) => /^-[a-z]*c$/.test(word))
  const commands =
    flag === -1 ? [words] : scriptOf(words[flag + 1] ?? '').commands.map((command) => command.words)
  const sum = commands.reduce((slept, command) => slept + sleepOf(command), 0)
  return sum === 0 ? undefined : sum
}

const unit = { s: 1, m: 60, h: 3_600 } as const

function sleepOf([program = '', ...times]: readonly string[]): number {
  if (!/(^|\/)sleep$/.test(program)) return 0
  return times.reduce((sum, time) => {
    const [, number, suffix = 's'] = /^(\d+(?:\.\d+)?)([smh]?)$/.exec(time) ?? []
    return sum + Number(number ?? 0) * unit[(suffix || 's') as keyof typeof unit]
  }, 0)
}

/** The position of the container's preStop hook. */
export function placeOfPreStop(container: Tree): Position | undefined {
  return entryOf(within(container, 'lifecycle'), 'preStop')?.at
}
