import { createHook } from 'node:async_hooks'

// Preloaded where the timers are to be counted, those that would not keep the process alive included.
// Not everywhere: async hooks make everything slower.

const timers = new Set()
createHook({
  init: (id, type) => type === 'Timeout' && timers.add(id),
  destroy: (id) => timers.delete(id)
}).enable()

globalThis.timersSet = () => timers.size
