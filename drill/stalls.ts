/** Measures for how long this process gets no CPU time. In that time, its clients do nothing. */
export function watchStalls(): { longest(): number; stop(): void } {
  let [longest, last] = [0, performance.now()]
  const look = () => {
    const now = performance.now()
    longest = Math.max(longest, now - last - period)
    last = now
  }
  const timer = setInterval(look, period)
  return {
    longest() {
      look()
      return Math.round(longest)
    },
    stop: () => clearInterval(timer)
  }
}

const period = 10
