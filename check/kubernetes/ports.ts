import { entriesOf, itemsOf, type Tree, textOf, wholeOf, within } from '../tree/tree.ts'

/** The ports of a container, by name and number. */
export interface Ports {
  readonly named: ReadonlyMap<string, number>
  readonly numbers: readonly number[]
}

export function portsOf(container: Tree): Ports {
  const ports = itemsOf(within(container, 'ports'))
  const numbers = ports
    .map((port) => wholeOf(within(port, 'containerPort')))
    .filter((port) => port !== undefined)
  const named = ports.flatMap((port) => {
    const name = textOf(within(port, 'name'))
    const number = wholeOf(within(port, 'containerPort'))
    return name === undefined || number === undefined ? [] : [[name, number] as const]
  })
  return { named: new Map(named), numbers }
}

/** The port that the app gets from its environment. */
export function portFromEnvironment(container: Tree): number | undefined {
  const variable = itemsOf(within(container, 'env')).find((each) => textOf(within(each, 'name')) === 'PORT')
  return wholeOf(within(variable, 'value'))
}

/** Whether the selector of a Service or of another resource matches these labels. */
export function selects(selector: Tree | undefined, labels: Tree | undefined): boolean {
  const wanted = entriesOf(selector)
  return (
    wanted.length > 0 &&
    wanted.every(([key, { value }]) => {
      const text = textOf(value)
      return text !== undefined && text === textOf(within(labels, key))
    })
  )
}
