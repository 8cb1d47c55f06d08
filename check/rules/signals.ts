import type { Conflict } from '../../deployment/conflict.ts'
import { signalRule } from '../../deployment/rules.ts'
import { type Site, stopSignalOf } from '../../deployment/site.ts'

/** The numbers of signals on Linux, where containers and units run. */
const numbers: Readonly<Record<string, string>> = {
  1: 'SIGHUP',
  2: 'SIGINT',
  3: 'SIGQUIT',
  6: 'SIGABRT',
  9: 'SIGKILL',
  10: 'SIGUSR1',
  12: 'SIGUSR2',
  15: 'SIGTERM',
  19: 'SIGSTOP',
  28: 'SIGWINCH'
}

/** The name of a signal in Node.js: `15`, `term` and `SIGTERM` are the same signal. */
export function signalNamed(text: string): string {
  const name = text.trim().toUpperCase()
  if (Object.hasOwn(numbers, name)) return numbers[name] as string
  return name.startsWith('SIG') ? name : `SIG${name}`
}

/** The signals that the option `signals` accepts. */
const possible = ['SIGTERM', 'SIGINT', 'SIGHUP', 'SIGQUIT', 'SIGUSR2']

/** The place that sets a stop signal. */
export interface Written {
  /** The platform that sends the signal. */
  readonly platform: string
  /** The line that sets a signal, in the syntax of the file. */
  write(signal: string): string
}

/** Checks that the app can listen to the stop signal in a file, and that it does. */
export function stopSignalRule(site: Site, text: string, { platform, write }: Written): Conflict[] {
  const signal = signalNamed(text)
  const usual = stopSignalOf(site)
  const rule = 'signal-unheard'
  const better = `Write ${write(usual)}`
  if (signal === 'SIGKILL' || signal === 'SIGSTOP') {
    return [
      {
        rule,
        severity: 'error',
        is: `${platform} stops the app with ${signal}, which no process can handle`,
        follows: 'requests in flight are cut, and no hook runs',
        write: better
      }
    ]
  }
  const added = possible.includes(signal) ? `, or add ${signal} to \`signals\`` : ''
  return signalRule(site.settings, signal, platform).map((conflict) => ({
    ...conflict,
    write: usual === signal ? conflict.write : `${better}${added}`
  }))
}
