/**
 * Names of options in other packages, and other likely guesses, in small letters. Each has the option that is meant.
 */
const guesses: Readonly<Record<string, string>> = {
  timeout: 'deadline',
  graceperiod: 'deadline',
  gracefultimeout: 'deadline',
  shutdowntimeout: 'deadline',
  forceexittimeout: 'deadline',
  forcetimeout: 'deadline',
  closetimeout: 'deadline',
  killtimeout: 'deadline',
  closegracedelay: 'deadline',
  delay: 'deadline',
  shutdowndelay: 'lameDuck',
  readinessdelay: 'lameDuck',
  prestop: 'lameDuck',
  requesttimeout: 'drainTimeout',
  onsignal: 'hooks',
  onshutdown: 'hooks',
  handlers: 'hooks',
  events: 'signals',
  healthchecks: 'checks',
  liveness: 'live',
  readiness: 'ready',
  forceexit: 'hardKill',
  force: 'hardKill',
  watchdog: 'hardKill',
  uncaughtexception: 'crashes',
  logger: 'log',
  after: 'dependsOn',
  before: 'dependsOn',
  priority: 'dependsOn',
  order: 'dependsOn',
  fn: 'handler',
  callback: 'handler',
  interval: 'ttl'
}

/** The known option that such a name means, if there is one. */
export function guessed(name: string, known: readonly string[]): string | undefined {
  const key = name.toLowerCase()
  const meant = Object.hasOwn(guesses, key) ? guesses[key] : undefined
  return meant !== undefined && known.includes(meant) ? meant : undefined
}
