import { FST_LIFECYCLE_BUDGET_IMPOSSIBLE } from './errors.ts'
import { healthOf } from './health/settings.ts'
import type { LifecycleOptions, Settings, ShutdownSignal } from './options.ts'
import { aBoolean, anObject, invalid, milliseconds, oneOf, onlyKeys, wholeNumber } from './validate.ts'

type Given<Name extends keyof LifecycleOptions> = NonNullable<LifecycleOptions[Name]>

const optionNames = [
  'deadline',
  'lameDuck',
  'drainTimeout',
  'hookTimeout',
  'signals',
  'crashes',
  'retryAfter',
  'health',
  'checks',
  'websocket',
  'hooks',
  'hardKill',
  'exit'
] as const satisfies readonly (keyof LifecycleOptions)[]

const signalNames: readonly ShutdownSignal[] = [
  'SIGTERM',
  'SIGINT',
  'SIGHUP',
  'SIGQUIT',
  'SIGUSR2',
  'SIGBREAK'
]

/** Checks the options and fills in the defaults; throws a coded error for each thing that is wrong. */
export function settingsOf(options: LifecycleOptions, env: NodeJS.ProcessEnv = process.env): Settings {
  onlyKeys('', options, optionNames)
  const {
    hookTimeout = 5_000,
    signals = ['SIGTERM', 'SIGINT'],
    crashes = signals !== false,
    retryAfter = [1, 5],
    health = {},
    checks = {},
    websocket = {},
    hooks = [],
    hardKill = true,
    exit = true
  } = options
  const budget = budgetOf(options, Boolean(env['KUBERNETES_SERVICE_HOST']))
  return {
    ...budget,
    hookTimeout: milliseconds('hookTimeout', hookTimeout),
    signals: signalsOf(signals),
    crashes: aBoolean('crashes', crashes),
    retryAfter: retryAfterOf(retryAfter),
    health: healthOf(health),
    checks: anObject('checks', checks) as Settings['checks'],
    websocket: websocketOf(websocket),
    hooks: hooksOf(hooks),
    hardKill: hardKillOf(hardKill, budget.deadline),
    exit: aBoolean('exit', exit)
  }
}

/** The times that share the deadline. An explicit one must fit; a default makes itself fit. */
function budgetOf(
  options: LifecycleOptions,
  kubernetes: boolean
): Pick<Settings, 'deadline' | 'lameDuck' | 'drainTimeout'> {
  const { deadline = kubernetes ? 25_000 : 9_000 } = options
  milliseconds('deadline', deadline)
  const { drainTimeout: explicitDrain = 0 } = options
  milliseconds('drainTimeout', explicitDrain)

  const {
    lameDuck: window = kubernetes ? Math.min(5_000, deadline / 5, Math.max(0, deadline - explicitDrain)) : 0
  } = options
  const lameDuck = lameDuckOf(window)
  const { drainTimeout = Math.max(0, deadline - lameDuck.max) * 0.8 } = options

  if (lameDuck.max + drainTimeout > deadline) {
    throw new FST_LIFECYCLE_BUDGET_IMPOSSIBLE(
      `'lameDuck' (${lameDuck.max} ms) and 'drainTimeout' (${drainTimeout} ms) make ${lameDuck.max + drainTimeout} ms`,
      `the 'deadline' of ${deadline} ms`
    )
  }
  return { deadline, lameDuck, drainTimeout }
}

function lameDuckOf(value: Given<'lameDuck'>): Settings['lameDuck'] {
  if (typeof value === 'number') {
    const fixed = milliseconds('lameDuck', value)
    return { max: fixed, min: fixed, probes: 0 }
  }
  if (typeof value !== 'object' || value === null) {
    throw invalid('lameDuck', 'a number of milliseconds, or an object { max, min, probes }', value)
  }
  onlyKeys('lameDuck', value, ['max', 'min', 'probes'])
  const { max, min = 0, probes = 1 } = value
  milliseconds('lameDuck.max', max)
  milliseconds('lameDuck.min', min)
  if (min > max) {
    throw new FST_LIFECYCLE_BUDGET_IMPOSSIBLE(
      `'lameDuck.min' is ${min} ms`,
      `the 'lameDuck.max' of ${max} ms`
    )
  }
  return { max, min, probes: wholeNumber('lameDuck.probes', probes, 'probes') }
}

function signalsOf(value: Given<'signals'>): Settings['signals'] {
  if (value === false) return []
  if (!Array.isArray(value)) throw invalid('signals', 'an array of signal names, or false', value)
  return value.map((signal, index) => oneOf(`signals[${index}]`, signal, signalNames))
}

function retryAfterOf(value: Given<'retryAfter'>): Settings['retryAfter'] {
  if (value === false) return false
  if (typeof value === 'number') {
    const fixed = wholeNumber('retryAfter', value, 'seconds')
    return [fixed, fixed]
  }
  if (!Array.isArray(value) || value.length !== 2) {
    throw invalid('retryAfter', 'a number of seconds, a range [min, max], or false', value)
  }
  const [min, max] = value.map((bound, index) => wholeNumber(`retryAfter[${index}]`, bound, 'seconds'))
  if ((min as number) > (max as number)) {
    throw invalid('retryAfter', 'a range whose first number is not greater than its second', value)
  }
  return [min as number, max as number]
}

function websocketOf(value: Given<'websocket'>): Settings['websocket'] {
  onlyKeys('websocket', anObject('websocket', value), ['code', 'reason'])
  const { code = 1012, reason = 'service restart' } = value
  if (!isCloseCode(code)) throw invalid('websocket.code', 'a close code that may be sent', code)
  if (typeof reason !== 'string' || Buffer.byteLength(reason) > 123) {
    throw invalid('websocket.reason', 'a string of at most 123 bytes', reason)
  }
  return { code, reason }
}

/** RFC 6455 §7.4.2; 1004 to 1006 and 1015 must not be sent. */
function isCloseCode(code: unknown): boolean {
  if (!Number.isInteger(code)) return false
  const number = code as number
  const isRegistered = number >= 1000 && number <= 1014 && !(number >= 1004 && number <= 1006)
  return isRegistered || (number >= 3000 && number <= 4999)
}

/** An explicit margin must fit; the default makes itself fit. */
function hardKillOf(value: Given<'hardKill'>, deadline: number): Settings['hardKill'] {
  if (value === false) return false
  if (value !== true && (typeof value !== 'object' || value === null || Array.isArray(value))) {
    throw invalid('hardKill', 'true, false, or an object { margin, stall }', value)
  }
  const given = value === true ? {} : value
  onlyKeys('hardKill', given, ['margin', 'stall'])
  const { margin = Math.min(250, deadline / 2), stall } = given
  milliseconds('hardKill.margin', margin)
  if (margin > deadline) {
    throw new FST_LIFECYCLE_BUDGET_IMPOSSIBLE(
      `'hardKill.margin' is ${margin} ms`,
      `the 'deadline' of ${deadline} ms`
    )
  }
  if (stall !== undefined && milliseconds('hardKill.stall', stall) === 0) {
    throw invalid('hardKill.stall', 'more than 0 ms, or left out', stall)
  }
  return { margin, stall }
}

function hooksOf(value: Given<'hooks'>): Settings['hooks'] {
  if (!Array.isArray(value)) throw invalid('hooks', 'an array of hooks', value)
  return value
}
