import { spawn } from 'node:child_process'

/** The variables of one notification, as in `sd_notify(3)`. */
export type Notification = Readonly<Record<string, string | number>>

/**
 * Sends notifications to systemd. Node.js has no unix datagram sockets, so the program `systemd-notify` sends them.
 * It is installed wherever systemd is. It ends only when systemd has read the message, because systemd cannot
 * identify a sender that is gone.
 *
 * Only one such program runs at a time, so that no message overtakes another. Messages that come in the meantime are
 * sent together. If they have two values for one variable, the later value counts.
 */
export class SystemdNotify {
  #pending: Notification | undefined
  #running = false
  #onFailure: ((reason: string) => void) | undefined

  /**
   * `onFailure` is called for the first failure. A message that failed is sent again together with the next message.
   */
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
    // If this process has nothing else to do, the child must not keep it alive.
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
