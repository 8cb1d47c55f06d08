// What people read on a page: its paragraphs, headings and cells of tables, each with the line it stands on.
import { remark } from 'remark'
import { SKIP, visit } from 'unist-util-visit'

const parser = remark()

/** Code, output and HTML are no prose. */
export function passagesOfPage(path, markdown) {
  const passages = []
  visit(parser.parse(markdown), ['paragraph', 'heading'], (node) => {
    const { start, end } = node.position
    const source = markdown.slice(start.offset, end.offset)
    if (source.startsWith('|')) passages.push(...cellsOf(path, source, start.line))
    else passages.push({ path, line: start.line, text: proseOf(node) })
    return SKIP
  })
  return passages
}

/** remark alone reads a table as a paragraph. In a cell, `;` separates the items of a list. */
function cellsOf(path, table, firstLine) {
  return table
    .split('\n')
    .flatMap((row, index) =>
      row
        .split(/(?<!\\)\||; /)
        .map((cell) => ({ path, line: firstLine + index, text: textOfCell(cell.trim()) }))
    )
}

/** Most cells are plain, and a parser takes its time. */
function textOfCell(cell) {
  return /[`[*_<]/.test(cell) ? proseOf(parser.parse(cell)) : cell
}

/** A span of code counts as one word, and is not searched for words. */
function proseOf(node) {
  const parts = []
  visit(node, ({ type, value }) => {
    if (type === 'text') parts.push(value)
    if (type === 'inlineCode') parts.push('Code')
    if (type === 'break') parts.push(' ')
  })
  return parts.join('').replace(/\s+/g, ' ').trim()
}
