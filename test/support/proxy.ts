import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { connect, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** Whoever ends what was started: a test, or a run of a benchmark. */
export interface Owner {
  after(end: () => unknown): void
}

/** Whether there is such a proxy on this machine. */
export function isInstalled(program: 'haproxy' | 'nginx'): boolean {
  try {
    execFileSync(program, ['-v'], { stdio: 'ignore' })
    return true
  } catch {
    return false
  }
}

/**
 * What to pass to `describe` for tests that need this proxy. Where it is missing they are left out,
 * and say so; in CI on Linux that is an error, because nobody would read it there.
 */
export function needs(program: 'haproxy' | 'nginx'): { skip?: string } {
  if (isInstalled(program)) return {}
  if (process.env['CI'] !== undefined && process.platform === 'linux') {
    throw new Error(`there is no ${program}: install it`)
  }
  return { skip: `NOT CHECKED: there is no ${program} on this machine` }
}

/** A directory for what a proxy reads and writes, until its owner is done. */
export function directoryFor(owner: Owner, program: string): string {
  const directory = mkdtempSync(join(tmpdir(), `${program}-`))
  owner.after(() => rmSync(directory, { recursive: true, force: true }))
  return directory
}

/** Starts a proxy, and waits until it listens on the port. What it logs is in its stdout and stderr. */
export async function startProxy(
  owner: Owner,
  program: string,
  parameters: readonly string[],
  port: number
): Promise<ChildProcess> {
  const child = spawn(program, parameters, { stdio: ['ignore', 'pipe', 'pipe'] })
  const exited = once(child, 'exit')
  owner.after(async () => {
    child.kill('SIGTERM')
    await exited
  })
  let said = ''
  for (const output of [child.stdout, child.stderr]) {
    output.on('data', (chunk) => {
      if (said.length < 10_000) said += chunk
    })
  }
  const gone = exited.then(([code]) => {
    throw new Error(`${program} ended with ${code}:\n${said}`)
  })
  const isOver = new AbortController()
  await Promise.race([listens(port, isOver.signal), gone]).finally(() => isOver.abort())
  gone.catch(() => {})
  return child
}

/** A port that is free on every loopback address. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '0.0.0.0')
  await once(server, 'listening')
  const { port } = server.address() as { port: number }
  server.close()
  await once(server, 'close')
  return port
}

async function listens(port: number, signal: AbortSignal): Promise<void> {
  while (!signal.aborted && !(await accepts(port))) await new Promise((resolve) => setTimeout(resolve, 20))
}

function accepts(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1')
    const answer = (accepted: boolean) => {
      socket.destroy()
      resolve(accepted)
    }
    socket.once('connect', () => answer(true)).once('error', () => answer(false))
  })
}
