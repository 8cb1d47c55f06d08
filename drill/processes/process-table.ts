import { execFile } from 'node:child_process'
import { readdir, readFile } from 'node:fs/promises'
import { promisify } from 'node:util'

/** One process of the system. */
export interface ProcessEntry {
  readonly pid: number
  readonly parent: number
  readonly group: number
  /** Its command line, shortened. */
  readonly command: string
}

const longestCommand = 240

/** All processes that run, without zombies. */
export async function processTable(): Promise<readonly ProcessEntry[]> {
  return process.platform === 'linux' ? fromProc() : fromPs()
}

async function fromProc(): Promise<readonly ProcessEntry[]> {
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name))
  const entries = await Promise.all(pids.map((pid) => entryOf(pid).catch(() => undefined)))
  return entries.filter((entry) => entry !== undefined)
}

async function entryOf(pid: string): Promise<ProcessEntry | undefined> {
  const stat = await readFile(`/proc/${pid}/stat`, 'latin1')
  // The name stands in parentheses, and may contain any character.
  const [state, parent, group] = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  if (state === 'Z' || state === 'X') return undefined
  const command = await readFile(`/proc/${pid}/cmdline`, 'utf8')
  return {
    pid: Number(pid),
    parent: Number(parent),
    group: Number(group),
    command: command.replaceAll('\0', ' ').trim().slice(0, longestCommand)
  }
}

async function fromPs(): Promise<readonly ProcessEntry[]> {
  const { stdout } = await promisify(execFile)('ps', ['-A', '-o', 'pid=,ppid=,pgid=,stat=,command='], {
    maxBuffer: 2 ** 26
  })
  return parsePs(stdout)
}

/** Reads the output of `ps -A -o pid=,ppid=,pgid=,stat=,command=`. */
export function parsePs(text: string): readonly ProcessEntry[] {
  return text.split('\n').flatMap((line) => {
    const found = /^\s*(\d+)\s+(\d+)\s+(\d+)\s+(\S+)\s+(.*)$/.exec(line)
    if (found === null || found[4]?.startsWith('Z')) return []
    const [, pid, parent, group, , command = ''] = found
    return [
      {
        pid: Number(pid),
        parent: Number(parent),
        group: Number(group),
        command: command.slice(0, longestCommand)
      }
    ]
  })
}
