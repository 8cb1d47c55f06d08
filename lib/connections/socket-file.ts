import { linkSync, lstatSync, renameSync, unlinkSync } from 'node:fs'
import type net from 'node:net'
import { attempt } from '../validation/read.ts'

/**
 * The file of a unix socket that this process listens on. The next process may have put its own file in the same
 * place.
 */
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

  /**
   * Removes the file, for a process that ends without closing its listeners. Otherwise the next process could not
   * listen there.
   */
  remove(): void {
    if (this.#identity !== undefined && this.#identity === identityOf(this.#path)) remove(this.#path)
  }

  /**
   * Closes the listener, and keeps a file that the next process has put there. Node.js itself would remove any file
   * of that name.
   */
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
    // If Node.js has not removed the file, both names belong to one file, and renaming does nothing.
    remove(other)
  }
}

/**
 * Identifies a file. A new file may get the inode number of a removed file, so the number alone is not enough. The
 * time of the last change would not help, because `chmod` sets it.
 */
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
