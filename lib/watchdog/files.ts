import { once } from 'node:events'
import fs from 'node:fs'
import { Worker } from 'node:worker_threads'

/** Reads a file; one that is larger than `most` bytes counts as empty. The pool reads, and may hang. */
export async function readFile(address: URL, most: number): Promise<Buffer> {
  const { size } = await fs.promises.stat(address)
  return size > most ? Buffer.alloc(0) : fs.promises.readFile(address)
}

const { O_WRONLY, O_CREAT, O_TRUNC, O_APPEND, O_NONBLOCK } = fs.constants

/** Opens a file to write to it. What has no reader is not waited for. */
export function flagsFor(isAppended: boolean): number {
  return O_WRONLY | O_CREAT | O_NONBLOCK | (isAppended ? O_APPEND : O_TRUNC)
}

const source =
  "const { fd, text } = require('node:worker_threads').workerData; require('node:fs').writeSync(fd, text)"

/** Writes in a thread that is made for it, and may never end. */
export function writeInThread(descriptor: number, text: string): Promise<unknown> {
  return inThread(source, { fd: descriptor, text })
}

const fileSource =
  "const { path, flags, text } = require('node:worker_threads').workerData, fs = require('node:fs'); " +
  'fs.writeSync(fs.openSync(path, flags, 0o644), text)'

/** Writes to a file in a thread that is made for it, and may never end. */
export function writeToFileInThread(path: string, flags: number, text: string): Promise<unknown> {
  return inThread(fileSource, { path, flags, text })
}

function inThread(code: string, workerData: object): Promise<unknown> {
  return once(new Worker(code, { eval: true, execArgv: [], env: {}, workerData }), 'exit')
}
