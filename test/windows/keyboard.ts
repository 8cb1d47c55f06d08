import { fileURLToPath } from 'node:url'
import { runToEnd } from '../support/children.ts'
import type { Key } from './press.ts'

/** Presses a key in the console of that process. */
export async function press(pid: number, key: Key): Promise<void> {
  const program = fileURLToPath(new URL('press.js', import.meta.url))
  const { code, stderr } = await runToEnd(process.execPath, [program, String(pid), key])
  if (code !== 0) throw new Error(`${key} was not pressed (${code}): ${stderr}`)
}
