import { graceDelay, isRunByFastifyCLI } from './fastify-cli.ts'
import type { Settings } from './options.ts'

// What a process can learn from its environment about who will kill it, and when. Kubernetes, Docker
// and systemd do not tell; PM2 does, because it puts the settings of an app into its environment, and
// fastify-cli is in the same process.

/** A platform that kills before the deadline. */
export interface Mismatch {
  readonly platform: string
  /** The setting that says when it kills. */
  readonly setting: string
  /** After how many ms it kills. */
  readonly kill: number
}

/** What PM2 waits where nobody says otherwise, in ms. */
const pm2Default = 1_600

/** The platform that kills before the deadline, as far as this process can see it. */
export function mismatchOf(
  settings: Pick<Settings, 'deadline'>,
  env: NodeJS.ProcessEnv = process.env,
  fastifyCLI: boolean = isRunByFastifyCLI()
): Mismatch | undefined {
  const killers = [fastifyCLI ? underFastifyCLI(env) : undefined, underPM2(env)]
  return killers.find((killer) => killer !== undefined && killer.kill < settings.deadline)
}

function underPM2(env: NodeJS.ProcessEnv): Mismatch | undefined {
  if (env['pm_id'] === undefined) return undefined
  // The second is meant for PM2's daemon, but it is here too where both were started alike.
  const kill = Number(env['kill_timeout'] || env['PM2_KILL_TIMEOUT'] || pm2Default)
  return { platform: 'PM2', setting: 'kill_timeout', kill }
}

function underFastifyCLI(env: NodeJS.ProcessEnv): Mismatch | undefined {
  const kill = graceDelay(env)
  return kill === undefined ? undefined : { platform: 'fastify-cli', setting: '--close-grace-delay', kill }
}
