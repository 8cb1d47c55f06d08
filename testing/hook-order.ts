import { AssertionError } from 'node:assert'
import { nearest } from '../lib/nearest.ts'
import { phaseOrder } from '../lib/phases.ts'
import type { HookReport, Report } from '../lib/report.ts'

/**
 * Asserts that each hook had to be done before the next could begin: not that it happened to be, this
 * time. Hooks of an earlier phase are done before those of a later one; within a phase it is by
 * `dependsOn`, or by the order of their registration.
 *
 * Throws an `AssertionError` that says what to change.
 *
 * @param names The hooks, in the order in which they must stop. Others may run in between.
 * @example
 * ```ts
 * const { report } = await fakeProcess(app).kill()
 * assertHookOrder(report, 'orders consumer', 'outbox', 'db')
 * ```
 */
export function assertHookOrder(report: Report, ...names: readonly string[]): void {
  const hooks = names.map((name) => hookNamed(name, report))
  hooks.slice(1).forEach((hook, index) => {
    const before = hooks[index] as HookReport
    if (!stopsBefore(before, hook, report)) throw failure(whatIsWrong(before, hook, report), report, names)
  })
}

function hookNamed(name: string, report: Report): HookReport {
  const found = report.hooks.find((hook) => hook.name === name)
  if (found !== undefined) return found
  const known = report.hooks.map((hook) => hook.name)
  const similar = nearest(name, known)
  const advice =
    similar === undefined
      ? `There are: ${known.map((each) => `'${each}'`).join(', ') || 'none'}.`
      : `Did you mean '${similar}'?`
  throw failure(`There is no shutdown hook '${name}'. ${advice}`, report, [name])
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
