/** What writing to a file that may never answer needs of Node.js. */
export interface WriteTools {
  write(
    descriptor: number,
    bytes: Buffer,
    offset: number,
    length: number,
    position: null,
    done: (error: NodeJS.ErrnoException | null, written: number) => void
  ): void
  /** Writes in a thread that is made for it. */
  writeInThread(descriptor: number, text: string): Promise<unknown>
  after(ms: number, callback: () => void): void
}

/** What writing to a file of which only the path is known needs besides. */
export interface FileTools extends Pick<WriteTools, 'write' | 'after'> {
  open(
    path: string,
    flags: number,
    mode: number,
    done: (error: NodeJS.ErrnoException | null, descriptor: number) => void
  ): void
  /** Opens and writes in a thread that is made for it. */
  writeToFileInThread(path: string, flags: number, text: string): Promise<unknown>
}

/** How long libuv's pool may take to write, in ms. If it takes longer, it is taken to be held. */
const patience = 15

/**
 * Writes to a descriptor of which nothing is known. A write of its own might block the watchdog for ever, as on
 * a dead disk. So libuv's pool writes, or, where the pool is held, a thread that is made for it.
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
 * Writes to a file that may be on a dead disk: to open it could block, too. So libuv's pool does both, or, where the
 * pool is held, a thread that is made for it.
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
