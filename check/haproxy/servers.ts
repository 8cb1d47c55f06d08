import { type Line, timeOf } from './lines.ts'

/** A server of a backend, with the options of `default-server`. */
export interface Server extends Line {
  readonly name: string
  readonly address: string
  readonly port: number | undefined
  /** The words of the defaults, and then those of the server. The last one wins. */
  readonly options: readonly string[]
}

export function serversIn(lines: readonly Line[]): readonly Server[] {
  const servers: Server[] = []
  let defaults: readonly string[] = []
  for (const { at, words } of lines) {
    if (words[0] === 'default-server') defaults = [...defaults, ...words.slice(1)]
    if (words[0] !== 'server' && words[0] !== 'server-template') continue
    const isTemplate = words[0] === 'server-template'
    const [name = '', address = '', ...options] = isTemplate
      ? [words[1] ?? '', ...words.slice(3)]
      : words.slice(1)
    const [, port] = /:(\d+)$/.exec(address) ?? []
    servers.push({
      at,
      words,
      name,
      address,
      port: port === undefined ? undefined : Number(port),
      options: [...defaults, ...options]
    })
  }
  return servers
}

/** The word after an option's name. The last one counts. */
export function optionOf({ options }: Server, name: string): string | undefined {
  const at = options.lastIndexOf(name)
  return at === -1 ? undefined : options[at + 1]
}

export function isChecked({ options }: Server): boolean {
  return options.lastIndexOf('check') > options.lastIndexOf('no-check')
}

/** The settings with which HAProxy checks a server. Times are in ms, and HAProxy's own defaults fill the gaps. */
export function probingOf(server: Server, timeoutCheck: number | undefined) {
  const period = timeOf(optionOf(server, 'inter')) ?? 2_000
  return {
    period,
    recheck: timeOf(optionOf(server, 'fastinter')) ?? period,
    failures: Number(optionOf(server, 'fall') ?? 3) || 3,
    timeout: timeoutCheck ?? period
  }
}
