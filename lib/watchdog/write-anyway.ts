/** The functions that writing to a file needs if the file may never answer. */
export interface WriteTools {
  write(
    descriptor: number,
    bytes: Buffer,
    offset: number,
    length: number,
    position: null,
    done: (error: NodeJS.ErrnoException | null, written: number) => void
  ): void
  /** Writes in a new thread. */
  writeInThread(descriptor: number, text: string): Promise<unknown>
  after(ms: number, callback: () => void): void
}

/** The functions that writing needs if only the path of the file is known. */
export interface FileTools extends Pick<WriteTools, 'write' | 'after'> {
  open(
    path: string,
    flags: number,
    mode: number,
    done: (error: NodeJS.ErrnoException | null, descriptor: number) => void
  ): void
  /** Opens the file and writes to it in a new thread. */
  writeToFileInThread(path: string, flags: number, text: string): Promise<unknown>
}

/**
 * How long libuv's pool may take to write, in ms. If the pool takes longer, all its threads are assumed to be
 * busy.
 */
const patience = 15

/**
 * Writes to a descriptor of an unknown kind. A synchronous write might block the watchdog for ever, for example
 * on a dead disk. So libuv's pool writes. If the pool is busy, a new thread writes.
 */
export function writeAnyway(descriptor: number, text: string, tools: WriteTools): Promise<void> {
  const bytes = Buffer.from(text)
  return new Promise((resolve) => {
    let written = 0
    let isOver = false
    const over = () => {
      isOver = true
      resolve()
    }
    tools.after(patience, () => {
      if (!isOver) tools.writeInThread(descriptor, bytes.toString('utf8', written)).then(over, over)
    })
    const more = () => {
      tools.write(descriptor, bytes, written, bytes.length - written, null, (error, length) => {
        written += length
        if (error || written >= bytes.length) over()
        else more()
      })
    }
    more()
  })
}

/**
 * Writes to a file that may be on a dead disk, so that even opening the file could block. So libuv's pool opens
 * the file and writes. If the pool is busy, a new thread does both.
 */
export function writeToFileAnyway(
  path: string,
  flags: number,
  text: string,
  tools: FileTools
): Promise<void> {
  const bytes = Buffer.from(text)
  return new Promise((resolve) => {
    let state: 'opening' | 'open' | 'left to a thread' = 'opening'
    tools.after(patience, () => {
      if (state !== 'opening') return
      state = 'left to a thread'
      const over = () => resolve()
      tools.writeToFileInThread(path, flags, text).then(over, over)
    })
    tools.open(path, flags, 0o644, (error, descriptor) => {
      if (state !== 'opening') return
      state = 'open'
      if (error) resolve()
      else tools.write(descriptor, bytes, 0, bytes.length, null, () => resolve())
    })
  })
}
