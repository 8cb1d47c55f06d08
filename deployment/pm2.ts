import { hostReserve } from './grace.ts'
import { graceRule, hooksRule, leftToOthers, signalRule } from './rules.ts'
import type { Advice, Site } from './site.ts'
import { commented } from './text.ts'

/** What PM2 must be told: an app in its ecosystem file. */
export interface PM2Values extends Advice {
  readonly app: {
    readonly name: string
    readonly script: string
    /** `deadline` and a second, in ms. PM2's own default is 1600. */
    readonly kill_timeout: number
    /** How long PM2 waits for a new process to listen when it reloads, in ms. */
    readonly listen_timeout: number
    readonly wait_ready: false
  }
}

export function pm2For(site: Site): PM2Values {
  const { budget, settings, place } = site
  const needed = Math.ceil(settings.deadline + hostReserve)
  const app = {
    name: place.name,
    script: './server.js',
    kill_timeout: place.grace ?? needed,
    listen_timeout: 10_000,
    wait_ready: false
  } as const
  const warnings = [
    ...signalRule(site, 'SIGINT', 'PM2'),
    ...graceRule(site, needed, '`kill_timeout`'),
    ...hooksRule(site)
  ]
  const notes = [
    "`wait_ready` stays false, unless the app itself calls `process.send('ready')`. Without it PM2 waits until the app listens.",
    ...leftToOthers(site)
  ]
  const toText = () =>
    commented({ warnings, notes }, `module.exports = ${JSON.stringify({ apps: [app] }, null, 2)}\n`, '//')
  return { budget, app, warnings, notes, toText }
}
