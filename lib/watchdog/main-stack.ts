import type { Debugger, Session } from 'node:inspector'
import { fileURLToPath } from 'node:url'
import { namedAtMost } from '../bounds.ts'
import type { Frame } from './kill-line.ts'

/**
 * The longest address of a source map, in characters. It has room for an inline map of 2 MB; larger maps are
 * not used.
 */
const longestAddress = 2_700_000

/** Where a call stands in the code that runs. The inspector counts lines and columns from 0. */
export interface Place {
  readonly url: string
  readonly line: number
  readonly column: number
  /** The source map of the script, if it names one. */
  readonly sourceMapURL: string
}

/** A call, and its place in the code. */
export interface Call {
  readonly function: string
  readonly place: Place
}

/**
 * Reads the main thread's JavaScript stack, whatever that thread is running. The session never waits: it sends
 * requests to the main thread, and receives the answers later. V8 interrupts the main thread for a request,
 * even in a loop.
 */
export class MainStack {
  readonly #session: Session
  readonly #scripts = new Map<string, Pick<Place, 'url' | 'sourceMapURL'>>()
  #isAttached = false

  constructor(session: Session) {
    this.#session = session
  }

  /**
   * Asks the main thread for the names of its scripts, which takes most of the time. The main thread goes on
   * running.
   */
  attach(): void {
    if (this.#isAttached) return
    this.#isAttached = true
    this.#session.on('Debugger.scriptParsed', ({ params: { scriptId, url, sourceMapURL = '' } }) => {
      // If the source map is inline, `sourceMapURL` contains all of it, and may be too long to be used.
      const isTooLong = sourceMapURL.length > longestAddress
      this.#scripts.set(scriptId, { url, sourceMapURL: isTooLong ? '' : sourceMapURL })
    })
    this.#session.connectToMainThread()
    this.#session.post('Debugger.enable')
  }

  /**
   * Pauses the main thread for good, and resolves with its calls, the innermost first. The pause may hit only
   * code of Node.js, for example between two of endless microtasks. Then `found` gets that stack, and the
   * session pauses the thread again a moment later. Stepping to other code would take many more steps.
   *
   * Never resolves while the main thread is idle or in native code, so the caller sets a time limit.
   */
  read(found: (calls: Call[]) => void): Promise<Call[]> {
    this.attach()
    return new Promise((resolve) => {
      this.#session.on('Debugger.paused', ({ params }) => {
        const calls = params.callFrames.slice(0, namedAtMost).map((frame) => this.#callOf(frame))
        found(calls)
        if (calls.some(({ place }) => !place.url.startsWith('node:'))) resolve(calls)
        else this.#session.post('Debugger.resume')
      })
      this.#session.on('Debugger.resumed', () => this.#session.post('Debugger.pause'))
      this.#session.post('Debugger.pause')
    })
  }

  #callOf({ functionName, location }: Debugger.CallFrame): Call {
    const script = this.#scripts.get(location.scriptId)
    return {
      function: functionName || '(anonymous)',
      place: {
        url: script?.url ?? '',
        line: location.lineNumber,
        column: location.columnNumber ?? 0,
        sourceMapURL: script?.sourceMapURL ?? ''
      }
    }
  }
}

/** A call as the last line shows it. */
export function frameOf(call: Call): Frame {
  const { url, line, column } = call.place
  const file = url.startsWith('file:') ? fileURLToPath(url) : url
  return { function: call.function, file, line: line + 1, column: column + 1 }
}
