/** The characters that XML 1.0 does not allow in a document, not even escaped. */
const forbidden = /[^\t\n\r\u{20}-\u{d7ff}\u{e000}-\u{fffd}\u{10000}-\u{10ffff}]/gu

const entities: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&apos;'
}

/** Escapes a text for an element or an attribute. */
export function escapeXML(text: string): string {
  return text.replace(forbidden, '').replace(/[&<>"']/g, (character) => entities[character] as string)
}

/** An element around content that is already markup. */
export function element(
  name: string,
  attributes: Readonly<Record<string, string | number>>,
  content: string = ''
): string {
  const list = Object.entries(attributes).map(([key, value]) => ` ${key}="${escapeXML(amount(value))}"`)
  const start = `<${name}${list.join('')}`
  return content === '' ? `${start}/>` : `${start}>${content}</${name}>`
}

/** A number as an attribute, rounded to a tenth of a pixel, which is exact enough here. */
export function amount(value: string | number): string {
  return typeof value === 'number' ? String(Math.round(value * 10) / 10) : value
}
