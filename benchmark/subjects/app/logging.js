import { tmpdir } from 'node:os'
import { join } from 'node:path'
import pino from 'pino'

export const logFile = join(tmpdir(), `compare-${process.pid}.log`)

/** The options of a logger whose lines wait in a buffer until it is full. */
export default {
  level: 'info',
  stream: pino.destination({ dest: logFile, sync: false, minLength: 4_096 })
}
