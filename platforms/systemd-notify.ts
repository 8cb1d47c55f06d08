import { spawn } from 'node:child_process'

/** The variables of one notification, as `sd_notify(3)` has them. */
export type Notification = Readonly<Record<string, string | number>>

/**
 * Tells systemd. Node.js has no datagram sockets of the unix kind, so the program `systemd-notify`
 * does it, which is wherever systemd is. It ends when systemd has read what it said, because systemd
 * would not know where a message came from whose sender is gone.
 *
 * One runs at a time, so that nothing overtakes; what comes meanwhile is told together, and of two
 * values for one variable the later counts.
 */
export class SystemdNotify {
  #pending: Notification | undefined
  #running = false
  #onFailure: ((reason: string) => void) | undefined

  /** `onFailure` is told once, and then nothing more is tried. */
  constructor(onFailure: (reason: string) => void) {
    this.#onFailure = onFailure
  }

  tell(notification: Notification): void {
    this.#pending = { ...this.#pending, ...notification }
    if (!this.#running) this.#run()
  }

  #run(): void {
    if (this.#pending === undefined || this.#onFailure === undefined) return
    const args = Object.entries(this.#pending).map(([name, value]) => `${name}=${value}`)
    this.#pending = undefined
    this.#running = true
    const child = spawn('systemd-notify', args, { stdio: ['ignore', 'ignore', 'inherit'] })
    // It must not keep a process alive that has nothing else to do.
    child.unref()
    child.once('error', ({ message }) => this.#ended(message))
    child.once('exit', (code, signal) =>
      this.#ended(code === 0 ? undefined : `systemd-notify ended with ${code ?? signal}`)
    )
  }

  #ended(failure: string | undefined): void {
    this.#running = false
    if (failure !== undefined) {
      this.#onFailure?.(failure)
      this.#onFailure = undefined
    }
    this.#run()
  }
}
