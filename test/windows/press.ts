import { createRequire } from 'node:module'

// node press.js <pid> <key>: does in the console of another process what Ctrl-C, Ctrl-Break or the cross of the window
// do. Node.js has no function for that, so this calls Windows itself, through the package koffi. It is a program of its
// own, because a process can have only one console.

/** A function of Windows. */
type Native = (...given: unknown[]) => unknown
interface Koffi {
  load(file: string): { func(declaration: string): Native }
}

/** What a console tells its processes, by its number in Windows. */
export const keys = { 'Ctrl-C': 0, 'Ctrl-Break': 1, close: 2 } as const
export type Key = keyof typeof keys

/** Exit codes, if nothing was pressed. */
const [noConsole, notPressed] = [3, 4]

const koffi: Koffi = createRequire(import.meta.url)(process.env['KOFFI'] as string)
const kernel = koffi.load('kernel32.dll')
const call = (declaration: string, ...given: unknown[]) => kernel.func(declaration)(...given)

if (process.argv[1] === import.meta.filename) {
  const [pid, key] = process.argv.slice(2) as [string, Key]
  // Wine has no Ctrl-Break, and no function closes a console.
  const isKnown = key === 'Ctrl-C' || (key === 'Ctrl-Break' && !isWine())
  const isPressed = (isKnown ? generate : callRoutine)(Number(pid), keys[key])
  process.exitCode = isPressed ? 0 : notPressed
}

function isWine(): boolean {
  return addressOf('ntdll.dll', 'wine_get_version') !== 0
}

/** The address of a function, or 0 if there is none. */
function addressOf(library: string, name: string): number {
  const loaded = call('intptr GetModuleHandleA(str name)', library)
  return Number(call('intptr GetProcAddress(intptr library, str name)', loaded, name))
}

/** Goes into the console of the process, and has the console send the event. */
function generate(pid: number, event: number): boolean {
  call('int FreeConsole()')
  if (call('int AttachConsole(uint32 pid)', pid) === 0) process.exit(noConsole)
  // This process is in that console, too, now.
  call('int SetConsoleCtrlHandler(void *handler, int add)', null, 1)
  return call('int GenerateConsoleCtrlEvent(uint32 event, uint32 group)', event, 0) !== 0
}

/**
 * Does what a console does for each of its processes: starts a thread there that calls the handlers. For what Wine
 * does not send, and for the end of a console, which no function sends.
 */
function callRoutine(pid: number, event: number): boolean {
  const everything = 0x1fffff
  const target = call('intptr OpenProcess(uint32 access, int inherit, uint32 pid)', everything, 0, pid)
  const routine = addressOf('kernelbase.dll', 'CtrlRoutine')
  const declaration =
    'intptr CreateRemoteThread(intptr process, void *security, size_t stack, intptr start, intptr given, uint32 flags, void *id)'
  return call(declaration, target, null, 0, routine, event, 0, null) !== 0
}
