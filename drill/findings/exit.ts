import { constants } from 'node:os'
import type { Observations } from '../observations.ts'
import { count, type Finding, fault, ms } from './finding.ts'
import { startItself, whyStuck } from './stuck.ts'

/** The faults in how the process ended, or the reason why it did not end. */
export function findInExit(seen: Observations): readonly Finding[] {
  const { exit } = seen
  if (exit === undefined) return [whyStuck(seen)]
  return [...endsBeforeApp(seen, exit.after), ...ownEnd(seen), ...leftBehind(seen)]
}

/** Faults of a program in front of the app. */
function endsBeforeApp(
  { outlivedBySelf, survivors, signal }: Observations,
  endedAt: number
): readonly Finding[] {
  if (!outlivedBySelf) return []
  const others = survivors.map(({ command }) => `'${command}'`).join(', ')
  if (survivors.length > 0) {
    return [
      fault(
        'signal-not-passed-on',
        `${signal} does not reach the app: the program in front of it ended, and the app went on`,
        `Still there: ${others}. In a container it is killed at that moment, with all its requests.`,
        startItself
      )
    ]
  }
  return [
    fault(
      'front-ends-first',
      `The program in front of the app ended ${ms(endedAt)} after ${signal}, before the app had`,
      'In a container the app is killed at that moment, in the middle of its shutdown.',
      startItself
    )
  ]
}

function ownEnd(seen: Observations): readonly Finding[] {
  const { exit, outlivedBySelf, isOwnChild } = seen
  if (exit === undefined || outlivedBySelf || !isOwnChild) return []
  return [...noHandler(seen), ...badCode(seen), ...exitsAtOnce(seen), ...hidesLoss(seen)]
}

/** Whether the signal itself ended the process, because the process did not handle it. */
function endedBySignal({ exit, signal }: Observations): boolean {
  return exit?.signal === signal || exit?.code === 128 + constants.signals[signal]
}

function noHandler(seen: Observations): readonly Finding[] {
  if (!endedBySignal(seen)) return []
  const { signal, isCluster, processCount } = seen
  if (isCluster) {
    return [
      fault(
        'cluster-not-told',
        `The primary of the cluster ended by ${signal} at once, and its ${count(processCount - 1, 'worker')} with it`,
        'Nobody handles the signal in the primary, so no worker is told to finish its requests.',
        `Handle ${signal} in the primary: disconnect the workers one after another, and wait for them. fastify-lifecycle/cluster does.`
      )
    ]
  }
  return [
    fault(
      'no-handler',
      `Nobody handles ${signal}: it ended the process at once`,
      'Whatever was in flight at that moment is lost, and nothing is flushed or closed.',
      `Handle ${signal} in the app: process.on('${signal}', …). With Fastify the plugin does: app.register(lifecycle).`
    )
  ]
}

function badCode(seen: Observations): readonly Finding[] {
  const { exit, lastLines, report } = seen
  if (exit === undefined || endedBySignal(seen) || exit.code === 0) return []
  const said = lastLines === '' ? 'It wrote nothing.' : `Its last lines:\n${lastLines}`
  if (exit.signal !== null) {
    return [
      fault(
        'killed',
        `The process was killed by ${exit.signal} ${ms(exit.after)} after the signal`,
        said,
        'If it has a hard limit of its own, find out what it waits for: the log names it.'
      )
    ]
  }
  const crashed = report === undefined && /\b\w*(?:Error|Exception)\b|Traceback/.test(lastLines)
  if (crashed) {
    return [
      fault(
        'crashes',
        `The app crashed while it shut down: exit code ${exit.code}`,
        said,
        'Mend what is thrown there, or catch it: a shutdown step that fails must not keep the others from running.'
      )
    ]
  }
  return [
    fault(
      'exit-code',
      `The exit code was ${exit.code}`,
      `Platforms take that for a failure. ${said}`,
      'Exit with 0 after a clean shutdown. With the plugin the report says what was not clean.'
    )
  ]
}

function exitsAtOnce(seen: Observations): readonly Finding[] {
  const { tally, exit } = seen
  const { inFlight, after } = tally.counts
  const answered = inFlight.answered + inFlight.toldToComeBack + after.answered + after.toldToComeBack
  if (endedBySignal(seen) || exit?.code !== 0 || tally.harmed === 0 || answered > 0) return []
  return [
    fault(
      'exits-at-once',
      `The app exits ${ms(exit.after)} after the signal, and waits for nobody`,
      'Not one request was answered after the signal.',
      'Do not call process.exit() in the signal handler: close the server, and wait until its requests are done.'
    )
  ]
}

function hidesLoss({ exit, tally }: Observations): readonly Finding[] {
  if (exit?.code !== 0 || tally.harmed === 0) return []
  return [
    fault(
      'exit-code-hides-loss',
      `The exit code was 0, although ${count(tally.harmed, 'request')} ${tally.harmed === 1 ? 'was' : 'were'} cut or lost`,
      'So neither the platform nor its dashboards show that users saw errors.',
      'Exit with another code where requests were cut. The plugin does, and its report names them.'
    )
  ]
}

function leftBehind({ outlivedBySelf, survivors, portStaysTaken, target }: Observations): readonly Finding[] {
  if (survivors.length === 0) return []
  const findings: Finding[] = []
  const names = survivors.map(({ pid, command }) => `${pid} '${command}'`).join(', ')
  if (!outlivedBySelf) {
    findings.push(
      fault(
        'child-left',
        `${count(survivors.length, 'process', 'processes')} of the app ${survivors.length === 1 ? 'is' : 'are'} still running`,
        `Still there when the app had gone: ${names}.`,
        'End child processes in a shutdown hook, and wait until they are gone.'
      )
    )
  }
  if (portStaysTaken) {
    findings.push(
      fault(
        'port-stays-taken',
        `${target} stayed taken after the exit`,
        'The next start on this machine fails with EADDRINUSE.',
        'The process that holds the socket must end with the app.'
      )
    )
  }
  return findings
}
