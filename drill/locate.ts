import { setTimeout as sleep } from 'node:timers/promises'
import type { Outcome } from './clients/connection.ts'
import { get } from './clients/probes.ts'
import { Failure } from './failure.ts'
import { type Listening, listeningOf } from './processes/listening.ts'
import { tailOf } from './processes/output.ts'
import type { Subject } from './processes/subject.ts'
import { type DrillSetup, nameOfTarget, type Target } from './setup.ts'

const period = 50
/** How long one request may take before the next place is tried, in ms. */
const patience = 5_000
/** Node.js' inspector speaks HTTP, and is not the app. */
const inspectorPort = 9229

/** Waits until the app answers, and returns its address. Throws a `Failure` that says why the app does not answer. */
export async function locate(setup: DrillSetup, subject: Subject, port: number): Promise<Target> {
  const giveUpAt = performance.now() + setup.boot
  let found: readonly Target[] = []
  let last: Outcome | undefined
  while (performance.now() < giveUpAt) {
    found = await candidates(setup, subject, port)
    for (const target of found) {
      const outcome = await get(target, setup.paths[0] as string, AbortSignal.timeout(patience))
      if (outcome.kind === 'answered') return target
      last = outcome.kind === 'refused' ? last : outcome
    }
    if (subject.exit !== undefined && (await subject.family.alive()).length === 0)
      throw exitedEarly(setup, subject)
    await sleep(period)
  }
  throw silent(setup, subject, found, last)
}

/** The addresses where the app may answer. The most likely address comes first. */
async function candidates(setup: DrillSetup, subject: Subject, port: number): Promise<readonly Target[]> {
  if (setup.target !== undefined) return [setup.target]
  const pids = (await subject.family.alive()).map(({ pid }) => pid)
  const logged = loggedPorts(subject)
  const found = inOrder(await listeningOf(pids), port, logged)
  return found.length > 0 || process.platform === 'linux' ? found : guesses(port, logged)
}

/** Sorts the addresses: first the port that the app was given, then the ports that its log names. */
export function inOrder(
  listening: readonly Listening[],
  port: number,
  logged: readonly number[]
): readonly Target[] {
  const rank = (each: Listening) => {
    if (!('port' in each)) return 3
    if (each.port === port) return 0
    if (logged.includes(each.port)) return 1
    return each.port === inspectorPort ? 4 : 2
  }
  return listening.toSorted((one, other) => rank(one) - rank(other)).map(targetOf)
}

/** The likely addresses, if the system does not tell which process listens where. */
function guesses(port: number, logged: readonly number[]): readonly Target[] {
  const ports = [port, ...logged]
  return ports.flatMap((each) => ['127.0.0.1', '::1'].map((host) => ({ host, port: each, isSecure: false })))
}

function targetOf(listening: Listening): Target {
  if ('socketPath' in listening) return { ...listening, isSecure: false }
  const { host, port } = listening
  const reachable = host === '0.0.0.0' ? '127.0.0.1' : host === '::' ? '::1' : host
  return { host: reachable, port, isSecure: false }
}

/** The ports that the app's log names. */
function loggedPorts({ output }: Subject): readonly number[] {
  const lines = output?.lines ?? []
  return lines.flatMap((line) =>
    [...line.matchAll(/(?:https?:\/\/[^\s/"':]+:|\bport[ :=]+)(\d{2,5})\b/gi)].map(([, port]) => Number(port))
  )
}

function exitedEarly(setup: DrillSetup, { exit, output, startedAt }: Subject): Failure {
  const { code, signal, at } = exit as NonNullable<Subject['exit']>
  const seconds = ((at - startedAt) / 1_000).toFixed(1)
  const end = signal === null ? `exited with code ${code}` : `was ended by ${signal}`
  const tail = tailOf(output)
  const said = tail === '' ? 'It wrote nothing.' : `Its last lines:\n${tail}`
  const taken = /EADDRINUSE|address already in use/i.test(tail)
  const what = `'${setup.command.join(' ')}' ${end} after ${seconds} s, before it answered a request.`
  if (!taken) return new Failure('exited-early', `${what} ${said}`)
  return new Failure(
    'port-taken',
    `${what} The port is taken: end who listens there, or have the app use the variable PORT. ${said}`
  )
}

function silent(
  { boot }: DrillSetup,
  { output }: Subject,
  found: readonly Target[],
  last: Outcome | undefined
): Failure {
  const seconds = boot / 1_000
  const where = found.map(nameOfTarget).join(', ')
  const tail = tailOf(output)
  const said = tail === '' ? '' : `\nIts last lines:\n${tail}`
  if (found.length === 0) {
    return new Failure(
      'opened-no-port',
      `The app opened no port within ${seconds} s. If it needs longer to start, give it more: --boot 120s.${said}`
    )
  }
  if (last?.kind === 'not-http') {
    const advice =
      'If it speaks HTTPS, say so: --url https://localhost:3000. HTTP/2 without HTTP/1.1 is not supported.'
    return new Failure('not-http', `What the app answers at ${where} is not HTTP/1.1. ${advice}${said}`)
  }
  return new Failure(
    'never-answered',
    `The app listens at ${where}, but answered no request within ${seconds} s.${said}`
  )
}
