import { graceDelay, isRunByFastifyCLI } from './fastify-cli.ts'

// What a process can learn from its environment about who will kill it, and when. PM2 and Railway put the setting
// into it, Heroku and Cloud Run have no setting, and fastify-cli is in the same process. Kubernetes, Docker, systemd,
// Fly.io, Nomad and Amazon ECS do not tell, so nothing is said of them.

/** A platform that kills before the deadline. */
export interface Mismatch {
  readonly platform: string
  /** The setting that says when it kills; left out where nobody can change that. */
  readonly setting?: string
  /** What that setting should be. */
  readonly wanted?: number
  /** After how many ms it kills. */
  readonly kill: number
}

/** A platform as far as its environment tells. */
interface Killer extends Mismatch {
  /** The ms that one of its setting is. */
  readonly unit?: number
}

/** What PM2 waits where nobody says otherwise, in ms. */
const pm2Default = 1_600

/** The platform that kills before the deadline, as far as this process can see it. */
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

/** Platforms want a second more than the app takes. */
function wantedFor(deadline: number, { unit = 1 }: Killer): number {
  return Math.ceil((deadline + 1_000) / unit)
}

function underPM2(env: NodeJS.ProcessEnv): Killer | undefined {
  if (env['pm_id'] === undefined) return undefined
  // The second is meant for PM2's daemon, but it is here too where both were started alike.
  const kill = Number(env['kill_timeout'] || env['PM2_KILL_TIMEOUT'] || pm2Default)
  return { platform: 'PM2', setting: 'kill_timeout', kill }
}

function underFastifyCLI(env: NodeJS.ProcessEnv): Killer | undefined {
  const kill = graceDelay(env)
  return kill === undefined ? undefined : { platform: 'fastify-cli', setting: '--close-grace-delay', kill }
}

/** Its other ways to set this time are not seen here. */
function onRailway(env: NodeJS.ProcessEnv): Killer | undefined {
  const setting = 'RAILWAY_DEPLOYMENT_DRAINING_SECONDS'
  const seconds = env[setting]
  if (env['RAILWAY_DEPLOYMENT_ID'] === undefined || !seconds) return undefined
  return { platform: 'Railway', setting, kill: Number(seconds) * 1_000, unit: 1_000 }
}

function onHeroku(env: NodeJS.ProcessEnv): Killer | undefined {
  return /^\w+\.\d+$/.test(env['DYNO'] ?? '') ? { platform: 'Heroku', kill: 30_000 } : undefined
}

/** Knative on Kubernetes has this variable, too. */
function onCloudRun(env: NodeJS.ProcessEnv): Killer | undefined {
  if (env['K_SERVICE'] === undefined || env['KUBERNETES_SERVICE_HOST']) return undefined
  return { platform: 'Cloud Run', kill: 10_000 }
}
