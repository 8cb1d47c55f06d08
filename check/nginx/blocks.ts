import type { Position } from '../tree/tree.ts'

/** A directive of nginx, with the directives in its block if it has a block. */
export interface Directive {
  readonly at: Position
  readonly name: string
  readonly words: readonly string[]
  readonly block: readonly Directive[]
}

/** A part that cannot be read. */
export interface Unread {
  readonly at: Position
  readonly reason: string
}

export interface Blocks {
  readonly directives: readonly Directive[]
  readonly unread: Unread | undefined
}

/** The deepest nesting of blocks that is read. Real files are not deeper. */
const deepest = 50

interface Token {
  readonly at: Position
  readonly text: string
  readonly isQuoted: boolean
}

export function blocksIn(text: string): Blocks {
  const tokens = tokensIn(text)
  const stack: Directive[][] = [[]]
  let words: Token[] = []
  let unread: Unread | undefined
  for (const token of tokens) {
    const isMark = !token.isQuoted && /^[{};]$/.test(token.text)
    if (!isMark) words.push(token)
    else if (token.text === '}') {
      if (stack.length === 1) unread ??= { at: token.at, reason: 'this `}` ends no block' }
      else stack.pop()
      words = []
    } else {
      const [first] = words
      const block: Directive[] = []
      if (first !== undefined)
        stack
          .at(-1)
          ?.push({ at: first.at, name: first.text, words: words.slice(1).map((word) => word.text), block })
      if (token.text === '{' && stack.length < deepest) stack.push(block)
      words = []
    }
  }
  const [last] = tokens.slice(-1)
  if (stack.length > 1 && last !== undefined) unread ??= { at: last.at, reason: 'a block has no end' }
  return { directives: stack[0] as Directive[], unread }
}

function tokensIn(text: string): readonly Token[] {
  const tokens: Token[] = []
  const pattern =
    /\n|#[^\n]*|[{};]|"(?:[^"\\]|\\[\s\S])*"|'(?:[^'\\]|\\[\s\S])*'|(?:\$\{[^}\n]*\}|\\[\s\S]|[^\s{};\\])+|\\/g
  let line = 1
  let lineStart = 0
  for (const { 0: found, index } of text.matchAll(pattern)) {
    if (found === '\n') {
      line++
      lineStart = index + 1
    } else if (!found.startsWith('#')) {
      const isQuoted = /^["']/.test(found) && found.length > 1
      tokens.push({
        at: { line, column: index - lineStart + 1 },
        text: isQuoted ? found.slice(1, -1) : found,
        isQuoted
      })
      for (const { index: inside } of found.matchAll(/\n/g)) {
        line++
        lineStart = index + inside + 1
      }
    }
  }
  return tokens
}
