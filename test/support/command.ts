import { Readable } from 'node:stream'
import { run } from '../../command/run.ts'
import { type Output, terminalOf } from '../../command/terminal.ts'

/** What a run of the command has written, and its exit code. */
export interface Outcome {
  readonly stdout: string
  readonly stderr: string
  readonly exitCode: number
}

export interface Place {
  readonly env?: Readonly<Record<string, string>>
  readonly stdin?: string
  readonly isTTY?: boolean
}

/** Runs the command in this process, without a terminal. */
export async function command(args: readonly string[], place: Place = {}): Promise<Outcome> {
  const { env = {}, stdin = '', isTTY = false } = place
  const written = { stdout: '', stderr: '' }
  const output = (name: 'stdout' | 'stderr'): Output => ({
    write: (text) => {
      written[name] += text
    },
    on() {},
    isTTY
  })
  const stdout = output('stdout')
  const terminal = terminalOf({ stdout, stderr: output('stderr'), stdin: Readable.from([stdin]), env })
  const exitCode = await run(args, terminal)
  return { ...written, exitCode }
}
