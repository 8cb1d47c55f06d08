import { execFile } from 'node:child_process'
import { readdir, readFile, readlink } from 'node:fs/promises'
import { promisify } from 'node:util'

/** The address of a listening socket. */
export type Listening = { readonly host: string; readonly port: number } | { readonly socketPath: string }

/** The sockets on which these processes listen. */
export async function listeningOf(pids: readonly number[]): Promise<readonly Listening[]> {
  if (pids.length === 0) return []
  if (process.platform === 'linux') return fromProc(pids)
  const { stdout } = await promisify(execFile)('lsof', [
    '-nP',
    '-a',
    '-p',
    pids.join(','),
    '-iTCP',
    '-sTCP:LISTEN',
    '-Fn'
  ])
    // `lsof` fails if it finds nothing.
    .catch(() => ({ stdout: '' }))
  return parseLsof(stdout)
}

async function fromProc(pids: readonly number[]): Promise<readonly Listening[]> {
  const inodes = new Set((await Promise.all(pids.map(socketsOf))).flat())
  const [pid] = pids
  // The tables are those of the network namespace of the process.
  const table = (name: string) => readFile(`/proc/${pid}/net/${name}`, 'latin1').catch(() => '')
  const [tcp, tcp6, unix] = await Promise.all([table('tcp'), table('tcp6'), table('unix')])
  const found = [...parseTCP(tcp), ...parseTCP(tcp6), ...parseUnix(unix)]
  return found.filter(({ inode }) => inodes.has(inode)).map(({ listening }) => listening)
}

async function socketsOf(pid: number): Promise<string[]> {
  const directory = `/proc/${pid}/fd`
  const descriptors = await readdir(directory).catch(() => [])
  const links = await Promise.all(descriptors.map((fd) => readlink(`${directory}/${fd}`).catch(() => '')))
  return links.flatMap((link) => /^socket:\[(\d+)\]$/.exec(link)?.[1] ?? [])
}

interface Found {
  readonly inode: string
  readonly listening: Listening
}

const listenState = '0A'

/** Reads /proc/net/tcp and /proc/net/tcp6. */
export function parseTCP(text: string): readonly Found[] {
  return text.split('\n').flatMap((line) => {
    const [, local = '', , state, , , , , , inode] = line.trim().split(/\s+/)
    const [address = '', port = ''] = local.split(':')
    if (state !== listenState || inode === undefined) return []
    return [{ inode, listening: { host: hostOf(address), port: Number.parseInt(port, 16) } }]
  })
}

/** The kernel writes each 32 bits of an address in the byte order of the processor. */
function hostOf(hex: string): string {
  const bytes = [...hex.matchAll(/.{8}/g)].flatMap(([word]) => [...Buffer.from(word, 'hex')].reverse())
  if (bytes.length === 4) return bytes.join('.')
  const groups = Array.from({ length: 8 }, (_, index) =>
    (((bytes[2 * index] as number) << 8) | (bytes[2 * index + 1] as number)).toString(16)
  )
  return new URL(`http://[${groups.join(':')}]`).hostname.slice(1, -1)
}

const takesConnections = 0x10000

/** Reads /proc/net/unix. */
export function parseUnix(text: string): readonly Found[] {
  return text.split('\n').flatMap((line) => {
    const [, , , flags = '', , , inode = '', ...path] = line.trim().split(/\s+/)
    const socketPath = path.join(' ')
    // A socket without a path, or in the abstract namespace, does not serve HTTP.
    if (!socketPath.startsWith('/') || (Number.parseInt(flags, 16) & takesConnections) === 0) return []
    return [{ inode, listening: { socketPath } }]
  })
}

/** Reads the output of `lsof -Fn`. */
export function parseLsof(text: string): readonly Listening[] {
  return text.split('\n').flatMap((line) => {
    const [, host, port] = /^n(.*):(\d+)$/.exec(line) ?? []
    if (host === undefined) return []
    return [{ host: host === '*' ? '::' : host.replace(/^\[|\]$/g, ''), port: Number(port) }]
  })
}
