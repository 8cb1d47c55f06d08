import type { Debugger, Session } from 'node:inspector'
import type { Frame } from './frame.ts'

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
 * Pauses the main thread, whatever it is running, and resolves with its calls, the innermost first.
 * Where the pause hits Node.js alone, as between two of endless microtasks, it goes on to where other
 * code is reached, and `found` is told of what there was before.
 *
 * Never resolves while the main thread is idle or in native code: whoever calls this has a limit.
 *
 * Runs in the thread: see `source.ts` for what that forbids.
 */
export function readMainStack(session: Session, found: (calls: Call[]) => void): Promise<Call[]> {
  const scripts = new Map<string, Debugger.ScriptParsedEventDataType>()
  session.on('Debugger.scriptParsed', ({ params }) => scripts.set(params.scriptId, params))
  const callOf = ({ functionName, url, location }: Debugger.CallFrame): Call => ({
    function: functionName || '(anonymous)',
    place: {
      url: url || (scripts.get(location.scriptId)?.url ?? ''),
      line: location.lineNumber,
      column: location.columnNumber ?? 0,
      sourceMapURL: scripts.get(location.scriptId)?.sourceMapURL ?? ''
    }
  })
  return new Promise((resolve) => {
    session.on('Debugger.paused', ({ params }) => {
      const calls = params.callFrames.slice(0, 50).map(callOf)
      found(calls)
      if (calls.some(({ place }) => !place.url.startsWith('node:'))) resolve(calls)
      else {
        session.post('Debugger.setBlackboxPatterns', { patterns: ['^node:'] })
        session.post('Debugger.stepInto')
      }
    })
    session.connectToMainThread()
    session.post('Debugger.enable')
    session.post('Debugger.pause')
  })
}

/** A call as the last line shows it. Runs in the thread. */
export function frameOf(call: Call, fileURLToPath: (url: string) => string): Frame {
  const { url, line, column } = call.place
  const file = url.startsWith('file:') ? fileURLToPath(url) : url
  return { function: call.function, file, line: line + 1, column: column + 1 }
}
