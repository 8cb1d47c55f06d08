import { spawn } from 'node:child_process'

/** The variables of one notification, as `sd_notify(3)` has them. */
export type Notification = Readonly<Record<string, string | number>>

/**
 * Tells systemd. Node.js has no datagram sockets of the unix kind, so the program `systemd-notify` does it,
 * which is wherever systemd is. It ends when systemd has read the message, because systemd cannot attribute a
 * message whose sender is gone.
 *
 * One runs at a time, so that no message overtakes another. Messages that come meanwhile are sent together.
 * Of two values for one variable, the later counts.
 */
export class SystemdNotify {
  #pending: Notification | undefined
  #running = false
  #onFailure: ((reason: string) => void) | undefined

  /** `onFailure` gets the first failure. A message that failed is sent again together with the next one. */
  constructor(onFailure: (reason: string) => void) {
    this.#onFailure = onFailure
  }

  tell(notification: Notification): void {
    this.#pending = { ...this.#pending, ...notification }
    if (!this.#running) this.#run()
  }

  #run(): void {
    if (this.#pending === undefined) return
    const telling = this.#pending
    const args = Object.entries(telling).map(([name, value]) => `${name}=${value}`)
    this.#pending = undefined
    this.#running = true
    const child = spawn('systemd-notify', args, { stdio: ['ignore', 'ignore', 'inherit'] })
    // It must not keep a process alive that has nothing else to do.
    child.unref()
    child.once('error', ({ message }) => this.#failed(telling, message))
    child.once('exit', (code, signal) => {
      if (code !== 0) return this.#failed(telling, `systemd-notify ended with ${code ?? signal}`)
      this.#running = false
      this.#run()
    })
  }

  #failed(untold: Notification, reason: string): void {
    this.#running = false
    this.#pending = { ...untold, ...this.#pending }
    this.#onFailure?.(reason)
    this.#onFailure = undefined
  }
}
