import { spawn } from 'node:child_process'
import type { Socket } from 'node:net'

/**
 * Kills a process group when this process ends in any way, unless the returned function is called before. A shell
 * waits for the end of its input, which comes when this process ends. If it has read a line before, it kills nothing.
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
