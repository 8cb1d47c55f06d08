import { type ChildProcess, execFileSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Readable } from 'node:stream'
import type { TestContext } from 'node:test'
import { startChild } from './children.ts'

/** A datagram, as systemd would have got it. */
export interface Datagram {
  /** When it came, in ms since the epoch. */
  readonly at: number
  readonly variables: Readonly<Record<string, string>>
}

// Node.js has no such sockets. The file descriptor that comes with BARRIER=1 is closed at once, which
// tells the sender that all was read.
const receiver = `
import json, os, socket, sys, time
receiver = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
receiver.bind(sys.argv[1])
print(flush=True)
while True:
    text, ancillary, flags, sender = receiver.recvmsg(65536, 1024)
    for level, kind, received in ancillary:
        if kind == socket.SCM_RIGHTS: os.close(int.from_bytes(received[:4], sys.byteorder))
    print(json.dumps({'at': time.time() * 1000, 'text': text.decode()}), flush=True)
`

/** What a test of this needs, where it is not all there. */
export function missing(): string | undefined {
  return ['systemd-notify', 'python3'].find((program) => {
    try {
      execFileSync(program, ['--version'], { stdio: 'ignore' })
      return false
    } catch {
      return true
    }
  })
}

/** A real datagram socket, such as systemd gives to a service. */
export class NotifySocket {
  readonly path: string
  readonly #receiver: ChildProcess
  #output = ''

  private constructor(t: TestContext) {
    const directory = mkdtempSync(join(tmpdir(), 'notify-'))
    this.path = join(directory, 'socket')
    this.#receiver = startChild('python3', ['-c', receiver, this.path], {
      stdio: ['ignore', 'pipe', 'inherit']
    })
    this.#stdout.on('data', (chunk) => {
      this.#output += chunk
    })
    t.after(async () => {
      const ended = once(this.#receiver, 'exit')
      this.#receiver.kill('SIGKILL')
      await ended
      rmSync(directory, { recursive: true })
    })
  }

  static async open(t: TestContext): Promise<NotifySocket> {
    const socket = new NotifySocket(t)
    while (socket.#output === '') await once(socket.#stdout, 'data')
    return socket
  }

  /** What came so far, but for the barriers. */
  get received(): Datagram[] {
    const lines = this.#output.split('\n').slice(1, -1)
    const datagrams = lines.map((line) => JSON.parse(line) as { at: number; text: string })
    return datagrams
      .filter(({ text }) => text !== 'BARRIER=1')
      .map(({ at, text }) => ({
        at,
        variables: Object.fromEntries(
          text
            .trim()
            .split('\n')
            .map((line) => line.split('=') as [string, string])
        )
      }))
  }

  /** Resolves with the first datagram that has this variable, or the nth, now or later. */
  async said(name: string, nth = 1): Promise<Datagram> {
    for (;;) {
      const found = this.received.filter(({ variables }) => name in variables)[nth - 1]
      if (found !== undefined) return found
      await once(this.#stdout, 'data')
    }
  }

  /** The last value of this variable. */
  last(name: string): string | undefined {
    return this.received.flatMap(({ variables }) => variables[name] ?? []).at(-1)
  }

  async next(): Promise<void> {
    await once(this.#stdout, 'data')
  }

  get #stdout(): Readable {
    return this.#receiver.stdout as Readable
  }
}
