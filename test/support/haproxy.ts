import { once } from 'node:events'
import { writeFileSync } from 'node:fs'
import { connect } from 'node:net'
import { join } from 'node:path'
import { freePort } from './free-port.ts'
import { directoryFor, linesOf, type Owner, startProxy } from './proxy.ts'

/** A real HAProxy before one backend. */
export interface HAProxy {
  readonly port: number
  /** Resolves when HAProxy holds this server for up, or for down. */
  sees(server: string, status: 'UP' | 'DOWN'): Promise<void>
  /** The requests so far that did not end well, in HAProxy's own words: state at the end, and status. */
  troubles(): Record<string, number>
  /** Resolves with the requests for this URL once it has logged so many. It must log each request. */
  given(url: string, count: number): Promise<Given[]>
}

/** A request as HAProxy's log has it. Times are in ms since the epoch. */
export interface Given {
  readonly server: string
  readonly status: number
  /** When HAProxy began to read it, and when the last byte of the answer was sent. */
  readonly began: number
  readonly ended: number
}

/** Starts it before a backend as it stands in a configuration file. */
export async function startHAProxy(
  owner: Owner,
  backend: string,
  bind = '',
  logs: 'troubles' | 'each request' = 'troubles'
): Promise<HAProxy> {
  const port = await freePort()
  const directory = directoryFor(owner, 'haproxy')
  const file = join(directory, 'haproxy.cfg')
  const socket = join(directory, 'stats')
  writeFileSync(file, configuration(backend, `127.0.0.1:${port} ${bind}`, socket, logs))
  const child = await startProxy(owner, 'haproxy', ['-db', '-f', file], port)

  let log = ''
  child.stdout?.on('data', (chunk) => {
    log += chunk
  })
  return {
    port,
    // `-- 200` is a request that was tried again, and well; `CR 400` is who only looked whether the port is open.
    troubles: () => linesOf(log, (line) => !/^(-- [234]|CR 400)/.test(line)),
    async given(url, count) {
      const all = () => log.split('\n').flatMap((line) => givenIn(line, url))
      while (all().length < count) await new Promise((done) => setTimeout(done, 20))
      return all()
    },
    async sees(server, status) {
      while ((await statusOf(socket, server)) !== status) await new Promise((done) => setTimeout(done, 20))
    }
  }
}

/** Elsewhere a line has the state at the end and the status, and no more. */
const eachRequest = '%ts %ST %s %Ta %tr %HU'

function givenIn(line: string, wanted: string): Given[] {
  const [, status, server, took, time, url] = line.split(' ')
  if (server === undefined || time === undefined || url !== wanted) return []
  // 28/Nov/2026:06:28:21.123, in local time.
  const began = Date.parse(time.replaceAll('/', ' ').replace(':', ' '))
  return [{ server, status: Number(status), began, ended: began + Number(took) }]
}

function configuration(
  backend: string,
  bind: string,
  socket: string,
  logs: Parameters<typeof startHAProxy>[3]
): string {
  return `global
  stats socket ${socket} level user
  log stdout format raw local0
defaults
  timeout connect 2s
  timeout client 30s
  timeout server 30s
frontend http
  mode http
  log global
  ${logs === 'each request' ? `log-format "${eachRequest}"` : 'option dontlog-normal\n  log-format "%ts %ST"'}
  bind ${bind}
  default_backend ${nameOf(backend)}
${backend}
`
}

function nameOf(backend: string): string {
  const [, name] = /^backend (\S+)/m.exec(backend) ?? []
  if (name === undefined) throw new Error(`this is no backend:\n${backend}`)
  return name
}

async function statusOf(path: string, server: string): Promise<string | undefined> {
  const socket = connect(path)
  socket.end('show stat\n')
  let csv = ''
  socket.setEncoding('utf8').on('data', (chunk) => {
    csv += chunk
  })
  try {
    await once(socket, 'close')
  } catch {
    // HAProxy gives its socket this name a moment after it listens.
    return undefined
  }
  const [head, ...rows] = csv.split('\n').map((line) => line.replace(/^# /, '').split(','))
  const column = (name: string) => head?.indexOf(name) ?? -1
  const row = rows.find((cells) => cells[column('svname')] === server)
  return row?.[column('status')]
}
