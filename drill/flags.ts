import { constants } from 'node:os'
import { quoted, UsageError } from '../command/command.ts'
import { type GivenFlags, readFlags } from '../command/flags.ts'
import type { DrillSetup, Target } from './setup.ts'

export const ofTheApp = {
  port: {
    value: '<port>',
    text: 'give the app this PORT; default: one that is free. If it takes no PORT,\nits log and its sockets tell where it listens'
  },
  url: {
    value: '<url>',
    text: 'where the app answers, if that cannot be found; for an app that runs\nalready, together with --pid'
  },
  pid: { value: '<pid>', text: 'drill the app that runs as this process, instead of a command' },
  boot: { value: '<time>', text: 'how long it may take until it answers; default 60s' }
} as const

export const ofTheLoad = {
  path: { value: '<path>', multiple: true, text: 'what to request; may be repeated; default /' },
  method: { value: '<method>', short: 'X', text: 'default GET, or POST with a body' },
  header: { value: '<name: value>', short: 'H', multiple: true, text: 'send this header; may be repeated' },
  body: { value: '<text>', short: 'd', text: 'send this body' },
  'slow-path': { value: '<path>', text: 'a large response, for a client that reads slowly' },
  websocket: { value: '<path>', multiple: true, text: 'hold a WebSocket open; may be repeated' },
  sse: { value: '<path>', multiple: true, text: 'hold a stream of events open; may be repeated' },
  clients: { value: '<number>', text: 'how many clients reuse their connections; default 20' },
  rate: { value: '<number>', text: 'requests per second, of all clients; default 400' },
  load: { value: '<time>', text: 'how long the load goes on before the signal; default 2s' }
} as const

export const ofTheEnd = {
  signal: { value: '<signal>', text: 'default SIGTERM' },
  grace: { value: '<time>', text: 'what the platform waits before it kills; default 10s, as docker stop' },
  ready: { value: '<path>', text: 'the readiness probe; default: the usual paths are tried; none: no probe' },
  live: { value: '<path>', text: 'the liveness probe; the same' },
  'hand-over': { text: 'other processes take the new connections: refusing them is right' },
  repeat: { value: '<number>', text: 'run the drill so many times, the signal at a random moment' },
  seed: { value: '<number>', text: 'makes the same moments again' }
} as const

export const ofTheVerdict = {
  json: { text: 'write the verdict as JSON' },
  summary: { value: '<file>', text: 'append the verdict as Markdown; default: $GITHUB_STEP_SUMMARY, if set' },
  quiet: { short: 'q', text: 'no progress' },
  help: { short: 'h', text: 'this text' }
} as const

const flags = { ...ofTheApp, ...ofTheLoad, ...ofTheEnd, ...ofTheVerdict }
type Given = GivenFlags<typeof flags>

/** What the command line asks for. */
export interface Asked {
  readonly setup: Omit<DrillSetup, 'cwd' | 'env'>
  readonly repeat: number
  readonly seed: number | undefined
  readonly isJSON: boolean
  readonly isQuiet: boolean
  readonly summary: string | undefined
}

/** Understands the command line of `drill`. */
export function readAsked(args: readonly string[]): Asked {
  const { flags: given, rest } = readFlags(flags, args, { stopsAtFirstWord: true })
  const pid = given.pid === undefined ? undefined : wholeNumber('pid', given.pid, 1, 2 ** 31)
  check(given, rest, pid)
  const target = given.url === undefined ? undefined : targetOf(given.url)
  const body = given.body ?? ''
  return {
    setup: {
      command: rest,
      pid,
      target,
      port: given.port === undefined ? undefined : wholeNumber('port', given.port, 1, 65_535),
      paths: given.path?.map((path) => pathOf('path', path)) ?? [pathIn(given.url)],
      isPathGiven: given.path !== undefined,
      request: {
        method: methodOf(given.method ?? (body === '' ? 'GET' : 'POST')),
        headers: given.header?.map(headerOf) ?? [],
        body
      },
      slowPath: given['slow-path'] === undefined ? undefined : pathOf('slow-path', given['slow-path']),
      webSocketPaths: given.websocket?.map((path) => pathOf('websocket', path)) ?? [],
      streamPaths: given.sse?.map((path) => pathOf('sse', path)) ?? [],
      ready: probeOf('ready', given.ready),
      live: probeOf('live', given.live),
      clients: wholeNumber('clients', given.clients ?? '20', 1, 10_000),
      rate: wholeNumber('rate', given.rate ?? '400', 1, 100_000),
      load: timeOf('load', given.load ?? '2s'),
      signal: signalOf(given.signal ?? 'SIGTERM'),
      grace: timeOf('grace', given.grace ?? '10s'),
      boot: timeOf('boot', given.boot ?? '60s'),
      isHandedOver: given['hand-over'] === true
    },
    repeat: wholeNumber('repeat', given.repeat ?? '1', 1, 10_000),
    seed: given.seed === undefined ? undefined : wholeNumber('seed', given.seed, 0, 2 ** 32 - 1),
    isJSON: given.json === true,
    isQuiet: given.quiet === true,
    summary: given.summary
  }
}

function check(given: Given, command: readonly string[], pid: number | undefined): void {
  if (pid === undefined && command.length === 0) {
    throw new UsageError(
      'What is to be drilled? Name the command that starts it: drill -- node server.js; or an app that runs: --pid 4711 --url http://localhost:3000'
    )
  }
  if (pid === undefined) return
  if (command.length > 0)
    throw new UsageError("'--pid' is for an app that runs already: leave the command out.")
  if (given.url === undefined) throw new UsageError("'--pid' needs '--url' too: where the app answers.")
  if (given.repeat !== undefined) {
    throw new UsageError("'--repeat' needs a command: an app that runs already can be ended only once.")
  }
}

function wholeNumber(flag: string, text: string, least: number, most: number): number {
  const number = /^\d+$/.test(text) ? Number(text) : Number.NaN
  if (number >= least && number <= most) return number
  throw new UsageError(
    `'--${flag}' must be a whole number from ${least} to ${most}, but it is ${quoted(text)}.`
  )
}

const units: Readonly<Record<string, number>> = { '': 1, ms: 1, s: 1_000, m: 60_000 }
const longestTime = 3_600_000

function timeOf(flag: string, text: string): number {
  const [, number, unit = ''] = /^(\d+(?:\.\d+)?)\s*(ms|s|m|)$/.exec(text) ?? []
  const time = Number(number) * (units[unit] as number)
  if (number !== undefined && time <= longestTime) return time
  throw new UsageError(
    `'--${flag}' must be a time such as 500ms, 10s or 2m, at most 60m, but it is ${quoted(text)}.`
  )
}

function pathOf(flag: string, text: string): string {
  if (/^\/[^\s]*$/.test(text)) return text
  throw new UsageError(
    `'--${flag}' must be a path that begins with /, without blanks, but it is ${quoted(text)}.`
  )
}

function probeOf(flag: string, text: string | undefined): string | false | undefined {
  if (text === undefined) return undefined
  return text === 'none' ? false : pathOf(flag, text)
}

function methodOf(text: string): string {
  if (/^[A-Z]+$/i.test(text)) return text.toUpperCase()
  throw new UsageError(`'--method' must be a method of HTTP, but it is ${quoted(text)}.`)
}

function headerOf(text: string): readonly [string, string] {
  const [, name, value] = /^([!#$%&'*+.^_`|~\w-]+):[ \t]*([^\r\n]*)$/.exec(text) ?? []
  if (name === undefined || value === undefined)
    throw new UsageError(`'--header' must be like 'name: value', but it is ${quoted(text)}.`)
  return [name, value]
}

function signalOf(text: string): NodeJS.Signals {
  const upper = text.toUpperCase()
  const name = upper.startsWith('SIG') ? upper : `SIG${upper}`
  if (Object.hasOwn(constants.signals, name) && name !== 'SIGKILL' && name !== 'SIGSTOP')
    return name as NodeJS.Signals
  throw new UsageError(
    `'--signal' must be a signal that a process can handle, such as SIGTERM or SIGINT, but it is ${quoted(text)}.`
  )
}

function targetOf(text: string): Target {
  const url = URL.canParse(text) ? new URL(text) : undefined
  if (url?.protocol === 'unix:') return { socketPath: decodeURIComponent(url.pathname), isSecure: false }
  if (url === undefined || !['http:', 'https:'].includes(url.protocol)) {
    throw new UsageError(
      `'--url' must be like http://localhost:3000, https://localhost:3000 or unix:/run/app.sock, but it is ${quoted(text)}.`
    )
  }
  const isSecure = url.protocol === 'https:'
  const port = Number(url.port) || (isSecure ? 443 : 80)
  return { host: url.hostname.replace(/^\[|\]$/g, ''), port, isSecure }
}

/** The path in the URL, if there is one. The clients then request that path. */
function pathIn(url: string | undefined): string {
  if (url === undefined || url.startsWith('unix:')) return '/'
  const { pathname, search } = new URL(url)
  return `${pathname}${search}`
}
