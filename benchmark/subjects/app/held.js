/** The requests that wait until the parent says so. */
const held = []

export function hold() {
  return new Promise((resolve) => held.push(resolve))
}

export function countHeld() {
  return held.length
}

/** How often some are answered, in ms. */
const interval = 5

/** Answers them one after another, evenly between two moments, in ms from now: all at once would block the loop. */
export function release({ from, until }) {
  const begin = performance.now()
  // A process that was kept waiting does not catch up in one go.
  const most = Math.ceil((2 * held.length * interval) / (until - from))
  let answered = 0
  const answer = () => {
    const due = Math.min(1, (performance.now() - begin - from) / (until - from)) * held.length
    const last = Math.min(due, answered + most)
    while (answered < last) held[answered++]()
    if (answered === held.length) clearInterval(ticking)
  }
  // Only the requests themselves are to keep the process alive.
  const ticking = setInterval(answer, interval).unref()
}
