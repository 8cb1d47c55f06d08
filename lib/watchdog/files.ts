import { once } from 'node:events'
import fs from 'node:fs'
import { Worker } from 'node:worker_threads'

/**
 * Reads a file. A file that is larger than `most` bytes counts as empty. libuv's pool reads it, so the read may
 * hang.
 */
export async function readFile(address: URL, most: number): Promise<Buffer> {
  const { size } = await fs.promises.stat(address)
  return size > most ? Buffer.alloc(0) : fs.promises.readFile(address)
}

const { O_WRONLY, O_CREAT, O_TRUNC, O_APPEND, O_NONBLOCK } = fs.constants

/**
 * The flags that open a file for writing. Opening a pipe that nobody reads fails instead of waiting for a
 * reader.
 */
export function flagsFor(isAppended: boolean): number {
  return O_WRONLY | O_CREAT | O_NONBLOCK | (isAppended ? O_APPEND : O_TRUNC)
}

const source =
  "const { fd, text } = require('node:worker_threads').workerData; require('node:fs').writeSync(fd, text)"

/** Writes to a descriptor in a new thread. The write may never end. */
export function writeInThread(descriptor: number, text: string): Promise<unknown> {
  return inThread(source, { fd: descriptor, text })
}

const fileSource =
  "const { path, flags, text } = require('node:worker_threads').workerData, fs = require('node:fs'); " +
  'fs.writeSync(fs.openSync(path, flags, 0o644), text)'

/** Opens a file and writes to it in a new thread. Both may never end. */
export function writeToFileInThread(path: string, flags: number, text: string): Promise<unknown> {
  return inThread(fileSource, { path, flags, text })
}

function inThread(code: string, workerData: object): Promise<unknown> {
  return once(new Worker(code, { eval: true, execArgv: [], env: {}, workerData }), 'exit')
}
