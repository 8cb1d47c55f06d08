import type { Debugger, Session } from 'node:inspector'
import type { Frame } from './kill-line.ts'

/** Where a call stands in the code that runs, as the inspector counts: from 0. */
export interface Place {
  readonly url: string
  readonly line: number
  readonly column: number
  /** The source map of the script, if it names one. */
  readonly sourceMapURL: string
}

/** A call, and where it stands. */
export interface Call {
  readonly function: string
  readonly place: Place
}

/**
 * The main thread's JavaScript stack, whatever it is running. The session never waits: it hands its
 * wishes to the main thread, which V8 interrupts even in a loop, and hears the answers later.
 *
 * Runs in the thread: see `source.ts` for what that forbids.
 */
export class MainStack {
  private readonly session: Session
  private readonly scripts = new Map<string, Debugger.ScriptParsedEventDataType>()
  private isAttached = false

  constructor(session: Session) {
    this.session = session
  }

  /** Has the main thread name its scripts, which takes most of the time. It goes on running. */
  attach(): void {
    if (this.isAttached) return
    this.isAttached = true
    this.session.on('Debugger.scriptParsed', ({ params }) => this.scripts.set(params.scriptId, params))
    this.session.connectToMainThread()
    this.session.post('Debugger.enable')
  }

  /**
   * Pauses the main thread for good, and resolves with its calls, the innermost first. Where the
   * pause hits Node.js alone, as between two of endless microtasks, `found` is told of that, and it
   * pauses again a moment later: stepping on to other code would take many more steps.
   *
   * Never resolves while the main thread is idle or in native code: whoever calls this has a limit.
   */
  read(found: (calls: Call[]) => void): Promise<Call[]> {
    this.attach()
    return new Promise((resolve) => {
      this.session.on('Debugger.paused', ({ params }) => {
        const calls = params.callFrames.slice(0, 50).map((frame) => this.callOf(frame))
        found(calls)
        if (calls.some(({ place }) => !place.url.startsWith('node:'))) resolve(calls)
        else this.session.post('Debugger.resume')
      })
      this.session.on('Debugger.resumed', () => this.session.post('Debugger.pause'))
      this.session.post('Debugger.pause')
    })
  }

  private callOf({ functionName, location }: Debugger.CallFrame): Call {
    const script = this.scripts.get(location.scriptId)
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

/** A call as the last line shows it. Runs in the thread. */
export function frameOf(call: Call, fileURLToPath: (url: string) => string): Frame {
  const { url, line, column } = call.place
  const file = url.startsWith('file:') ? fileURLToPath(url) : url
  return { function: call.function, file, line: line + 1, column: column + 1 }
}
