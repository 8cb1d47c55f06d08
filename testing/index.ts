export type { AppUnderTest } from './app.ts'
export { type FakeExit, type FakeProcess, type FakeProcessOptions, fakeProcess } from './fake-process.ts'
export type { Hold } from './hold.ts'
export { assertHookOrder } from './hook-order.ts'
