import { graceDelay, isRunByFastifyCLI } from './fastify-cli.ts'

// What a process can learn from its environment about the platform that will kill it, and when. PM2 and Railway
// put the setting into the environment. Heroku and Cloud Run have no setting, and fastify-cli runs in the same
// process. Kubernetes, Docker, systemd, Fly.io, Nomad and Amazon ECS do not tell the process, so they cannot be
// checked here.

/** A platform that kills before the deadline. */
export interface Mismatch {
  readonly platform: string
  /** The setting for the time of the kill; left out if nobody can change that time. */
  readonly setting?: string
  /** The value that this setting should have. */
  readonly wanted?: number
  /** After how many ms the platform kills. */
  readonly kill: number
}

/** A platform, as the environment describes it. */
interface Killer extends Mismatch {
  /** How many ms one unit of the setting is. */
  readonly unit?: number
}

/** How long PM2 waits by default, in ms. */
const pm2Default = 1_600

/** The platform that kills before the deadline, if this process can see one. */
export function mismatchOf(
  deadline: number,
  env: NodeJS.ProcessEnv = process.env,
  fastifyCLI: boolean = isRunByFastifyCLI()
): Mismatch | undefined {
  const killers = [
    fastifyCLI ? underFastifyCLI(env) : undefined,
    ...[underPM2, onRailway, onHeroku, onCloudRun].map((killer) => killer(env))
  ]
  const first = killers.find((killer) => killer !== undefined && killer.kill < deadline)
  if (first === undefined) return undefined
  const { platform, setting, kill } = first
  return { platform, kill, ...(setting !== undefined && { setting, wanted: wantedFor(deadline, first) }) }
}

/** The setting should be at least one second longer than the deadline. */
function wantedFor(deadline: number, { unit = 1 }: Killer): number {
  return Math.ceil((deadline + 1_000) / unit)
}

function underPM2(env: NodeJS.ProcessEnv): Killer | undefined {
  if (env['pm_id'] === undefined) return undefined
  // `PM2_KILL_TIMEOUT` is meant for PM2's daemon. This process has it too, if both were started from the same
  // environment.
  const kill = Number(env['kill_timeout'] || env['PM2_KILL_TIMEOUT'] || pm2Default)
  return { platform: 'PM2', setting: 'kill_timeout', kill }
}

function underFastifyCLI(env: NodeJS.ProcessEnv): Killer | undefined {
  const kill = graceDelay(env)
  return kill === undefined ? undefined : { platform: 'fastify-cli', setting: '--close-grace-delay', kill }
}

/** Railway has other ways to set this time, which the process cannot see. */
function onRailway(env: NodeJS.ProcessEnv): Killer | undefined {
  const setting = 'RAILWAY_DEPLOYMENT_DRAINING_SECONDS'
  const seconds = env[setting]
  if (env['RAILWAY_DEPLOYMENT_ID'] === undefined || !seconds) return undefined
  return { platform: 'Railway', setting, kill: Number(seconds) * 1_000, unit: 1_000 }
}

function onHeroku(env: NodeJS.ProcessEnv): Killer | undefined {
  return /^\w+\.\d+$/.test(env['DYNO'] ?? '') ? { platform: 'Heroku', kill: 30_000 } : undefined
}

/** Knative on Kubernetes sets `K_SERVICE` too, so a process on Kubernetes is not on Cloud Run. */
function onCloudRun(env: NodeJS.ProcessEnv): Killer | undefined {
  if (env['K_SERVICE'] === undefined || env['KUBERNETES_SERVICE_HOST']) return undefined
  return { platform: 'Cloud Run', kill: 10_000 }
}
