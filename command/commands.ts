import type { Command } from './command.ts'

/** A command as the list of commands shows it. The code of a command is loaded only when the command is used. */
export interface Listed {
  /** What the command does, in at most 70 characters. */
  readonly summary: string
  load(): Promise<Command>
}

/** All commands, in the order in which the help lists them. */
export const commands: Readonly<Record<string, Listed>> = {
  drill: {
    summary: 'try how your server shuts down under load, whatever it is written in',
    load: async () => (await import('../drill/command.ts')).drill
  },
  check: {
    summary: 'find where what is deployed conflicts with the options of your app',
    load: async () => (await import('../check/command.ts')).check
  },
  deploy: {
    summary: 'write the configuration that a platform needs for your options',
    load: async () => (await import('../deployment/command.ts')).deploy
  }
}
