import { type ChildProcess, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Readable } from 'node:stream'
import { startChild } from './children.ts'

/** Whoever ends what was started: a test, or a run of a benchmark. */
export interface Owner {
  after(end: () => unknown): void
}

/** Whether there is such a proxy on this machine. */
export function isInstalled(program: 'haproxy' | 'nginx'): boolean {
  return versionOf(program) !== null
}

/** The version of the proxy on this machine, `null` if there is none. */
export function versionOf(program: 'haproxy' | 'nginx'): string | null {
  const { stdout, stderr, error } = spawnSync(program, ['-v'], { encoding: 'utf8' })
  return error === undefined ? (/\d+\.\d+\.\d+/.exec(stdout + stderr)?.[0] ?? 'unknown') : null
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
  const child = startChild(program, parameters, { stdio: ['ignore', 'pipe', 'pipe'] })
  const exited = once(child, 'exit')
  owner.after(async () => {
    child.kill('SIGTERM')
    await exited
  })
  let said = ''
  for (const output of [child.stdout, child.stderr] as Readable[]) {
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

/** How often each line is there. */
export function linesOf(
  log: string,
  isWanted: (line: string) => boolean = () => true
): Record<string, number> {
  const counts: Record<string, number> = {}
  for (const line of log.split('\n')) {
    if (line !== '' && isWanted(line)) counts[line] = (counts[line] ?? 0) + 1
  }
  return counts
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
