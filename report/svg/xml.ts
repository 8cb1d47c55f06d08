/** What XML 1.0 allows in a document: not even escaped may anything else stand there. */
const forbidden = /[^\t\n\r\u{20}-\u{d7ff}\u{e000}-\u{fffd}\u{10000}-\u{10ffff}]/gu

const entities: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&apos;'
}

/** Text as it may stand in an element or an attribute. */
export function escapeXML(text: string): string {
  return text.replace(forbidden, '').replace(/[&<>"']/g, (character) => entities[character] as string)
}

/** An element around what is markup already. */
export function element(
  name: string,
  attributes: Readonly<Record<string, string | number>>,
  content: string = ''
): string {
  const list = Object.entries(attributes).map(([key, value]) => ` ${key}="${escapeXML(amount(value))}"`)
  const start = `<${name}${list.join('')}`
  return content === '' ? `${start}/>` : `${start}>${content}</${name}>`
}

/** A tenth of a pixel is as exact as anything here. */
export function amount(value: string | number): string {
  return typeof value === 'number' ? String(Math.round(value * 10) / 10) : value
}
