/** Where a server answers. */
export type Target = TCPTarget | UnixTarget

export interface TCPTarget {
  readonly host: string
  readonly port: number
  readonly isSecure: boolean
}

export interface UnixTarget {
  readonly socketPath: string
  readonly isSecure: boolean
}

/** A request that the clients send. */
export interface RequestSpec {
  readonly method: string
  readonly headers: readonly (readonly [name: string, value: string])[]
  readonly body: string
}

/** What a drill does. All times are in ms. */
export interface DrillSetup {
  /** The program and its arguments; empty if the app runs already. */
  readonly command: readonly string[]
  readonly cwd: string
  readonly env: Readonly<Record<string, string | undefined>>
  /** The process to signal, if the app runs already. */
  readonly pid: number | undefined
  /** The address of the app. If it is `undefined`, the drill finds the address. */
  readonly target: Target | undefined
  /** The port for the app. If it is `undefined`, the drill takes a free port. */
  readonly port: number | undefined
  readonly paths: readonly string[]
  /** Whether the user has named the paths. */
  readonly isPathGiven: boolean
  readonly request: RequestSpec
  /** A path with a large response, for clients that read slowly. */
  readonly slowPath: string | undefined
  readonly webSocketPaths: readonly string[]
  readonly streamPaths: readonly string[]
  /** `undefined`: the usual paths are tried. `false`: there is no such probe. */
  readonly ready: string | false | undefined
  readonly live: string | false | undefined
  /** How many clients reuse their connections. */
  readonly clients: number
  /** Requests per second, of all clients together. */
  readonly rate: number
  /** How long the load goes on before the signal. */
  readonly load: number
  readonly signal: NodeJS.Signals
  /** How long the app may take from the signal to its exit. Then it is killed, as its platform would. */
  readonly grace: number
  /** How long the app may take from its start to its first answer. */
  readonly boot: number
  /** Whether other servers take the new connections. Then the app may refuse connections. */
  readonly isHandedOver: boolean
}

export function nameOfTarget(target: Target): string {
  if ('socketPath' in target) return target.socketPath
  const { host, port, isSecure } = target
  return `${isSecure ? 'https' : 'http'}://${host.includes(':') ? `[${host}]` : host}:${port}`
}
