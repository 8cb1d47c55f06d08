import type { TestContext } from 'node:test'

type Cleanup = () => unknown

const stacks = new WeakMap<TestContext, Cleanup[]>()

/** Undoes something when the test is over; what came last is undone first, unlike with `t.after`. */
export function cleanup(t: TestContext, undo: Cleanup): void {
  const stack = stacks.get(t) ?? []
  if (stack.length === 0) {
    stacks.set(t, stack)
    t.after(async () => {
      for (const last of stack.reverse()) await last()
    })
  }
  stack.push(undo)
}
