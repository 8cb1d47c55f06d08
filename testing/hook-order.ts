import { AssertionError } from 'node:assert'
import { longest, quoted, shorten } from '../lib/bounds.ts'
import { phaseOrder } from '../lib/phases.ts'
import type { HookReport, Report } from '../lib/report/report.ts'
import { nearest } from '../lib/validation/nearest.ts'
import { attempt, itemsOf } from '../lib/validation/read.ts'
import { invalid } from '../lib/validation/validate.ts'

/**
 * Asserts that each hook had to be done before the next hook could begin. It is not enough that the hook
 * happened to be done first this time. Hooks of an earlier phase are done before hooks of a later phase. Within
 * a phase the order comes from `dependsOn`, or from the registration.
 *
 * Throws an `AssertionError` that says what to change, and `FST_LIFECYCLE_OPTION_INVALID` for a value that is
 * not a report.
 *
 * @param names The hooks, in the order in which they must stop. Other hooks may run in between.
 * @example
 * ```ts
 * const { report } = await fakeProcess(app).kill()
 * assertHookOrder(report, 'orders consumer', 'outbox', 'db')
 * ```
 */
export function assertHookOrder(report: Report, ...names: readonly string[]): void {
  checkHooks(report)
  for (const name of names) if (typeof name !== 'string') throw invalid('names', 'names of hooks', name)
  const hooks = names.map((name) => hookNamed(name, report))
  hooks.slice(1).forEach((hook, index) => {
    const before = hooks[index] as HookReport
    if (!stopsBefore(before, hook, report)) throw failure(whatIsWrong(before, hook, report), report, names)
  })
}

function checkHooks(report: Report): void {
  const hooks = itemsOf(attempt<unknown>(() => report.hooks, undefined)) as HookReport[] | undefined
  const isHook = ({ name, phase, waitedFor }: HookReport) =>
    typeof name === 'string' && phaseOrder.includes(phase) && Array.isArray(waitedFor)
  if (hooks === undefined || !attempt(() => hooks.every(isHook), false)) {
    throw invalid('report', 'the report of a shutdown', report)
  }
}

function hookNamed(name: string, report: Report): HookReport {
  const found = report.hooks.find((hook) => hook.name === name)
  if (found !== undefined) return found
  const known = report.hooks.map((hook) => hook.name)
  const similar = nearest(name, known)
  const advice =
    similar === undefined ? `There are: ${quoted(known) || 'none'}.` : `Did you mean '${similar}'?`
  throw failure(`There is no shutdown hook '${shorten(name, longest.name)}'. ${advice}`, report, [name])
}

function stopsBefore(first: HookReport, second: HookReport, report: Report): boolean {
  const distance = phaseOrder.indexOf(second.phase) - phaseOrder.indexOf(first.phase)
  if (distance !== 0) return distance > 0
  return second.waitedFor.some(
    (name) => name === first.name || stopsBefore(first, hookNamed(name, report), report)
  )
}

function whatIsWrong(first: HookReport, second: HookReport, report: Report): string {
  const [one, other] = [`'${first.name}'`, `'${second.name}'`]
  const dependsOn = `\`dependsOn: [${other}]\``
  if (!stopsBefore(second, first, report)) {
    return `Nothing makes ${other} wait for ${one}: they run side by side. Give ${one} ${dependsOn}.`
  }
  if (first.phase === second.phase) return `${other} stops before ${one}. Give ${one} ${dependsOn}.`
  return `${other} stops before ${one}, because it runs in the phase '${second.phase}', and ${one} in '${first.phase}'. Change the \`phase\` of one of them.`
}

function failure(message: string, report: Report, expected: readonly string[]): AssertionError {
  const actual = report.hooks.map(({ name }) => name)
  return new AssertionError({ message, actual, expected, operator: 'assertHookOrder' })
}
