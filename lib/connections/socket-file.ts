import { linkSync, lstatSync, renameSync, unlinkSync } from 'node:fs'
import type net from 'node:net'
import { attempt } from '../validation/read.ts'

/** The file of a unix socket that this process listens on. Its successor may have put its own in that place. */
export class SocketFile {
  readonly #path: string
  readonly #identity: string | undefined

  constructor(path: string) {
    this.#path = path
    this.#identity = identityOf(path)
  }

  /** The file of a server that has begun to listen, if there is one. */
  static of(server: net.Server): SocketFile | undefined {
    const address = server.address()
    return typeof address === 'string' ? new SocketFile(address) : undefined
  }

  /** For a process that ends without closing its listeners: the next one could not listen there. */
  remove(): void {
    if (this.#identity !== undefined && this.#identity === identityOf(this.#path)) remove(this.#path)
  }

  /** Node.js removes whatever has the name of a listener that closes. What a successor has put there stays. */
  close(close: () => void): void {
    const found = identityOf(this.#path)
    if (found === undefined || found === this.#identity) {
      close()
      return
    }
    const other = `${this.#path}.${process.pid}`
    const isKept = isDone(() => linkSync(this.#path, other))
    close()
    if (!isKept) return
    isDone(() => renameSync(other, this.#path))
    // Where Node.js has not removed it, both names are one file, and renaming does nothing.
    remove(other)
  }
}

/** A file of the same number may be a new one. Its time of change is no sign: `chmod` sets that. */
function identityOf(path: string): string | undefined {
  return attempt(() => {
    const { dev, ino, mtimeNs } = lstatSync(path, { bigint: true })
    return `${dev} ${ino} ${mtimeNs}`
  }, undefined)
}

function remove(path: string): void {
  isDone(() => unlinkSync(path))
}

function isDone(act: () => void): boolean {
  return attempt(() => {
    act()
    return true
  }, false)
}
