import { sentenceOf } from './conflict.ts'
import { hostReserve } from './grace.ts'
import { hooksRule, leftToOthers, settledGraceRule, signalRule } from './rules.ts'
import type { Advice, Site } from './site.ts'
import { commented } from './text.ts'

/** The settings for PM2: an app in its ecosystem file. */
export interface PM2Values extends Advice {
  readonly app: {
    readonly name: string
    readonly script: string
    /** `deadline` and a second, in ms. PM2's own default is 1600. */
    readonly kill_timeout: number
    /** How long PM2 waits for a new process to be ready when it starts or reloads, in ms. */
    readonly listen_timeout: number
    /** The app says when it is ready, with the plugin `fastify-lifecycle/pm2`. */
    readonly wait_ready: true
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
    wait_ready: true
  } as const
  const warnings = [
    ...signalRule(settings, 'SIGINT', 'PM2'),
    ...settledGraceRule(site, needed, '`kill_timeout`'),
    ...hooksRule(site)
  ].map(sentenceOf)
  const notes = [
    '`wait_ready` needs the plugin `fastify-lifecycle/pm2` in the app: without it PM2 waits for `listen_timeout` at each start and reload. Without the plugin, set it to false: PM2 then waits until the app listens.',
    ...leftToOthers(site)
  ]
  const toText = () =>
    commented({ warnings, notes }, `module.exports = ${JSON.stringify({ apps: [app] }, null, 2)}\n`, '//')
  return { budget, app, warnings, notes, toText }
}
