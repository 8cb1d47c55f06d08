import { type Farewell, farewellOf } from '../connections/farewell.ts'
import type { CheckOptions } from '../health/check.ts'
import { checksOf } from '../health/checks.ts'
import type { HealthSettings } from '../health/options.ts'
import { healthOf } from '../health/settings.ts'
import { hookOptionsOf } from '../hooks/arguments.ts'
import type { HookOptions } from '../hooks/hook.ts'
import { type ShutdownSignal, signalsOf } from '../process/shutdown-signals.ts'
import { type RejectionBody, rejectionOf, usualBody } from '../requests/rejection.ts'
import { type RetryAfter, retryAfterOf } from '../requests/retry-after.ts'
import { type LogSettings, logSettingsOf } from '../telemetry/log-options.ts'
import { terminationLogOf } from '../telemetry/termination-log.ts'
import { aBoolean, anArray, milliseconds, onlyKeys } from '../validation/validate.ts'
import { type HardKill, hardKillOf } from '../watchdog/hard-kill.ts'
import type { LifecycleOptions } from './options.ts'
import { type Times, timesOf } from './times.ts'

/** The options with every default filled in. */
export interface Settings extends Times {
  readonly hookTimeout: number
  readonly signals: readonly ShutdownSignal[]
  readonly crashes: boolean
  readonly retryAfter: RetryAfter
  readonly rejection: RejectionBody
  readonly health: HealthSettings
  readonly checks: Readonly<Record<string, CheckOptions>>
  readonly websocket: Farewell
  readonly hooks: readonly HookOptions[]
  readonly hardKill: HardKill
  readonly exit: boolean
  readonly log: LogSettings
  readonly terminationLog: string | false
  /** `undefined`: on if others take new connections, and otherwise off. */
  readonly handOver: boolean | undefined
  /** Whether an option says how those who send requests to the app notice its shutdown. */
  readonly isLeaveSettled: boolean
}

// biome-ignore format: a list of names
const optionNames: readonly (keyof LifecycleOptions)[] = [
  'deadline', 'lameDuck', 'drainTimeout', 'hookTimeout', 'signals', 'crashes', 'retryAfter', 'rejection',
  'health', 'checks', 'websocket', 'hooks', 'hardKill', 'exit', 'handOver', 'log',
  'terminationLog'
]

/** Checks the options and fills in the defaults. Throws a coded error for the first mistake. */
export function settingsOf(options: LifecycleOptions, env: NodeJS.ProcessEnv = process.env): Settings {
  const given = onlyKeys<LifecycleOptions>('', options, optionNames)
  const { signals = ['SIGTERM', 'SIGINT'], crashes = signals !== false, retryAfter = [1, 5] } = given
  const { hookTimeout = 5_000, health = {}, checks = {}, websocket = {}, hooks = [] } = given
  const { hardKill = true, exit = true, rejection = usualBody, log = {} } = given
  const { handOver } = given
  const times = timesOf(given, Boolean(env['KUBERNETES_SERVICE_HOST']))
  return {
    ...times,
    hookTimeout: milliseconds('hookTimeout', hookTimeout),
    signals: signalsOf(signals),
    crashes: aBoolean('crashes', crashes),
    retryAfter: retryAfterOf(retryAfter),
    rejection: rejectionOf(rejection),
    health: healthOf(health),
    checks: checksOf(checks),
    websocket: farewellOf(websocket),
    hooks: anArray('hooks', 'an array of hooks', hooks).map((hook) => hookOptionsOf([hook as HookOptions])),
    hardKill: hardKillOf(hardKill, times.deadline),
    exit: aBoolean('exit', exit),
    handOver: handOver === undefined ? undefined : aBoolean('handOver', handOver),
    isLeaveSettled: given.lameDuck !== undefined || handOver !== undefined,
    log: logSettingsOf(log),
    terminationLog: terminationLogOf(given.terminationLog, env)
  }
}
