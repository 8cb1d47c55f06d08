import { spawn } from 'node:child_process'
import type { Socket } from 'node:net'

/**
 * Has a process group killed when this process ends, however it ends, until the returned function is called. A
 * shell reads until its input ends; if it has read a line by then, there is nothing to do.
 */
export function guard(group: number): () => void {
  const script = `read -r line || kill -KILL -${group}`
  const reaper = spawn('sh', ['-c', script], { stdio: ['pipe', 'ignore', 'ignore'], detached: true })
  // Without a shell there is no guard.
  reaper.on('error', () => {})
  reaper.unref()
  const input = reaper.stdin as unknown as Socket
  input.on('error', () => {})
  input.unref()
  return () => input.end('done\n')
}
