/** What writing needs of Node.js. */
export interface WriteTools {
  write(
    descriptor: number,
    bytes: Buffer,
    offset: number,
    length: number,
    position: null,
    done: (error: NodeJS.ErrnoException | null, written: number) => void
  ): void
  after(ms: number, callback: () => void): void
}

/**
 * Writes the text and resolves; where it cannot be written, too. It is not synchronous, because
 * a write to a pipe that nobody reads blocks for ever, which may be what blocks the main thread.
 *
 * Runs in the thread: see `source.ts` for what that forbids.
 */
export function writeAll(descriptor: number, text: string, { write, after }: WriteTools): Promise<void> {
  const bytes = Buffer.from(text)
  return new Promise((resolve) => {
    const writeFrom = (offset: number) => {
      write(descriptor, bytes, offset, bytes.length - offset, null, (error, written) => {
        if (error?.code === 'EAGAIN') after(5, () => writeFrom(offset))
        else if (error || offset + written >= bytes.length) resolve()
        else writeFrom(offset + written)
      })
    }
    writeFrom(0)
  })
}
