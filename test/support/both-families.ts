import dns from 'node:dns'

const both = [
  { address: '127.0.0.1', family: 4 },
  { address: '::1', family: 6 }
]

/** Not on every machine does localhost have both; Fastify asks for all of its addresses. */
export function giveLocalhostBothFamilies(): void {
  const { lookup } = dns
  Object.assign(dns, {
    lookup: (host: string, options: { all?: boolean }, found: (error: null, addresses: object[]) => void) =>
      host === 'localhost' && options.all === true
        ? found(null, both)
        : lookup(host, options as never, found as never)
  })
}
