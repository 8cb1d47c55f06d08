import { tell } from './tell.js'

/** How often the loop is asked whether it turns, in ms. */
const interval = 1

/**
 * From now on notes the longest time in which the event loop did not turn, and what CPU time the process,
 * all threads together, used in the one that used most; tells both at the end. The timer keeps nothing alive.
 */
export function watchLoop() {
  let last = look()
  let time = 0
  let cpuTime = 0
  const note = () => {
    const current = look()
    time = Math.max(time, current.at - last.at - interval)
    cpuTime = Math.max(cpuTime, current.cpuTime - last.cpuTime)
    last = current
  }
  setInterval(note, interval).unref()
  process.once('exit', () => {
    note()
    tell({ blocked: { time, cpuTime } })
  })
}

function look() {
  const { user, system } = process.cpuUsage()
  return { at: performance.now(), cpuTime: (user + system) / 1_000 }
}
