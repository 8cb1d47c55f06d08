import type { Readable } from 'node:stream'
import type { Report } from '../../lib/report/report.ts'

const keptLines = 400
const longestLine = 200_000

/** The output of an app, line by line. Only the last lines are kept. */
export class Output {
  /** The last lines, the oldest first. */
  readonly lines: string[] = []
  /** How many lines there were. */
  count = 0
  readonly #onLine: (line: string) => void

  constructor(streams: readonly Readable[], onLine: (line: string) => void = () => {}) {
    this.#onLine = onLine
    for (const stream of streams) this.#read(stream)
  }

  #read(stream: Readable): void {
    let rest = ''
    stream.setEncoding('utf8')
    stream.on('data', (chunk: string) => {
      const lines = `${rest}${chunk}`.split('\n')
      rest = (lines.pop() as string).slice(0, longestLine)
      for (const line of lines) this.#add(line)
    })
    stream.on('end', () => {
      if (rest !== '') this.#add(rest)
    })
    stream.on('error', () => {})
  }

  #add(text: string): void {
    const line = text.endsWith('\r') ? text.slice(0, -1) : text
    this.count++
    this.lines.push(line)
    if (this.lines.length > keptLines) this.lines.shift()
    this.#onLine(line)
  }

  /** The lines after the first `count` lines, as far as they are kept. */
  since(count: number): readonly string[] {
    const most = Math.max(0, this.count - count)
    return most === 0 ? [] : this.lines.slice(-most)
  }

  /** The last lines that are not empty, for a message. */
  tail(most: number): string {
    return excerpt(this.lines.filter((line) => line.trim() !== '').slice(-most))
  }
}

/** Lines of a log for a message: indented, and not too long. */
export function excerpt(lines: readonly string[]): string {
  return lines.map((line) => `  ${line.slice(0, 300)}`).join('\n')
}

const errorLine = /\b\w*(?:Error|Exception)\b|Traceback/

/** The part of a log that explains an end: the first error and the lines after it, or the last lines. */
export function lastWords(lines: readonly string[]): string {
  const written = lines.filter((line) => line.trim() !== '')
  const first = written.findIndex((line) => errorLine.test(line))
  return excerpt(first === -1 ? written.slice(-5) : written.slice(first, first + 5))
}

/** The report of the plugin, if the app has logged it as JSON. */
export function reportIn(lines: readonly string[]): Report | undefined {
  const line = lines.findLast((text) => text.includes('"LIFECYCLE_REPORT"'))
  try {
    return line === undefined ? undefined : (JSON.parse(line) as { report?: Report }).report
  } catch {
    return undefined
  }
}

/** The last lines of an app, if they are known. */
export function tailOf(output: Output | undefined): string {
  return output?.tail(10) ?? ''
}
