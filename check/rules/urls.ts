/** A URL of this host in a command that requests it. */
export interface OwnUrl {
  readonly path: string
  readonly port: number | undefined
}

// `/dev/tcp/` of bash opens a connection, so it is no URL.
const own =
  /(?<!\/dev\/(?:tcp|udp)\/)(https?:\/\/)?(localhost|127\.0\.0\.1|0\.0\.0\.0|\[::1\]|\$\{?HOSTNAME\}?)(?::(\d+|\$\{?\w+\}?(?::?-\d+\})?))?(\/[^\s'"`)\\,;|]*)?/

/** The first URL of this host in a command: an argument of curl or wget, or a part of a line of JavaScript. */
export function urlIn(words: readonly string[]): OwnUrl | undefined {
  const text = words.join(' ')
  const match = own.exec(text)
  if (match === null) return undefined
  const [, scheme, , port, path] = match
  if (scheme === undefined && path === undefined && !/\b(curl|wget)\b/.test(text)) return undefined
  return {
    path: path ?? '/',
    port:
      port === undefined ? (scheme === 'https://' ? 443 : 80) : /^\d+$/.test(port) ? Number(port) : undefined
  }
}
