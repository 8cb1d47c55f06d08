import { type ChildProcess, type SpawnOptions, spawn } from 'node:child_process'
import { once } from 'node:events'
import type { Socket } from 'node:net'
import { text } from 'node:stream/consumers'

// Every process that a test starts is started here, so that none outlives the test, even a test that is killed.

const hasGroups = process.platform !== 'win32'

/**
 * Reads which process groups there are (`+ pid`) and which are gone (`- pid`). When its input ends, the test is
 * gone, however it ended: then it kills the groups that are left. A shell, because a shell starts quickly.
 */
const reaperScript = `
left=
while read -r sign pid; do
  kept=
  for each in $left; do [ "$each" = "$pid" ] || kept="$kept $each"; done
  left=$kept
  [ "$sign" = + ] && left="$left $pid"
done
for each in $left; do kill -KILL "-$each"; done`

let reaper: ChildProcess | undefined

function tellReaper(sign: '+' | '-', pid: number): void {
  reaper ??= startReaper()
  reaper.stdin?.write(`${sign} ${pid}\n`)
}

function startReaper(): ChildProcess {
  const child = spawn('sh', ['-c', reaperScript], { stdio: ['pipe', 'ignore', 'ignore'], detached: true })
  child.unref()
  const input = child.stdin as unknown as Socket
  // It may be gone before this process is, when someone kills all there is.
  input.on('error', () => {})
  input.unref()
  return child
}

/** Has a process group killed when this process ends, however it ends, until the returned function is called. */
export function guard(pid: number): () => void {
  // Windows ends the children of a process with it.
  if (!hasGroups) return () => {}
  tellReaper('+', pid)
  return () => tellReaper('-', pid)
}

/**
 * Starts a program in a process group of its own, which ends with this process at the latest. On Windows it gets a
 * console of its own, so that a Ctrl-C there reaches no other process.
 */
export function startChild(command: string, args: readonly string[], options: SpawnOptions): ChildProcess {
  const child = spawn(command, args, { detached: hasGroups, windowsHide: true, ...options })
  if (child.pid !== undefined) child.once('close', guard(child.pid))
  return child
}

/** Starts a program of Node.js with a channel for messages. */
export function startNode(
  file: string,
  args: readonly string[],
  { execArgv = [], ...options }: SpawnOptions & { readonly execArgv?: readonly string[] }
): ChildProcess {
  return startChild(process.execPath, [...execArgv, file, ...args], options)
}

/** Kills a child with all that it has started. */
export function killGroup(child: ChildProcess, signal: NodeJS.Signals = 'SIGKILL'): void {
  if (child.pid === undefined) return
  if (!hasGroups) {
    child.kill(signal)
    return
  }
  try {
    process.kill(-child.pid, signal)
  } catch {
    // All of them are gone.
  }
}

/** How a program ended, and what it wrote. `code` is null where a signal ended it. */
export interface Ended {
  readonly stdout: string
  readonly stderr: string
  readonly code: number | null
  readonly signal: NodeJS.Signals | null
}

/** Runs a program to its end. */
export async function runToEnd(
  command: string,
  args: readonly string[],
  options: Omit<SpawnOptions, 'stdio'> = {}
): Promise<Ended> {
  const child = startChild(command, args, { ...options, stdio: ['ignore', 'pipe', 'pipe'] })
  const [[code, signal], stdout, stderr] = await Promise.all([
    once(child, 'close') as Promise<[number | null, NodeJS.Signals | null]>,
    text(child.stdout as NodeJS.ReadableStream),
    text(child.stderr as NodeJS.ReadableStream)
  ])
  return { stdout, stderr, code, signal }
}
