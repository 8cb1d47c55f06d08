import type { ReadStream } from 'node:tty'
import { styleText } from 'node:util'

/** How a text may look. */
export type Look = Parameters<typeof styleText>[0]

/** An output that a command writes to. */
export interface Screen {
  write(text: string): void
  /** The text in this look, or unchanged if the output has no colours. */
  paint(look: Look, text: string): string
  readonly isTTY: boolean
  readonly columns: number
}

/** The outputs and the environment of a command. Tests pass other ones. */
export interface Terminal {
  /** For the result of the command. */
  readonly stdout: Screen
  /** For progress, warnings and errors. */
  readonly stderr: Screen
  readonly stdin: NodeJS.ReadableStream
  readonly env: Readonly<Record<string, string | undefined>>
}

/** The parts of a process that a terminal needs. */
export interface Surroundings {
  readonly stdout: Output
  readonly stderr: Output
  readonly stdin: NodeJS.ReadableStream | ReadStream
  readonly env: Readonly<Record<string, string | undefined>>
}

export interface Output {
  write(text: string): unknown
  on(event: 'error', listener: (error: NodeJS.ErrnoException) => void): unknown
  readonly isTTY?: boolean
  readonly columns?: number
}

/** The width of an output that is no terminal. */
const usualWidth = 80

export function terminalOf({ stdout, stderr, stdin, env }: Surroundings): Terminal {
  return { stdout: screenOf(stdout, env), stderr: screenOf(stderr, env), stdin, env }
}

function screenOf(output: Output, env: Surroundings['env']): Screen {
  const hasColours = coloursOf(output, env)
  // The reader of the output may stop early, as `| head` does.
  output.on('error', (error) => {
    if (error.code !== 'EPIPE') throw error
  })
  return {
    write: (text) => void output.write(text),
    paint: (look, text) => (hasColours ? styleText(look, text, { validateStream: false }) : text),
    isTTY: output.isTTY === true,
    get columns() {
      return output.columns || usualWidth
    }
  }
}

/** Follows https://no-color.org and Node.js: `FORCE_COLOR` wins over `NO_COLOR`. */
function coloursOf(output: Output, { NO_COLOR, FORCE_COLOR, TERM }: Surroundings['env']): boolean {
  if (FORCE_COLOR !== undefined) return !['0', 'false'].includes(FORCE_COLOR)
  if (NO_COLOR !== undefined && NO_COLOR !== '') return false
  return output.isTTY === true && TERM !== 'dumb'
}
