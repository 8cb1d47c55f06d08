/** One command of a shell script, with the operator between it and the command before. */
export interface Command {
  readonly words: readonly string[]
  readonly after: '' | '&&' | '||' | ';' | '|' | '&'
  /** Whether its output or input goes to a file. */
  readonly isRedirected: boolean
}

/** A script, as far as it is a plain list of commands. */
export interface Script {
  readonly commands: readonly Command[]
  /** Whether the script has more than plain commands: `if`, loops, functions, subshells. */
  readonly isCompound: boolean
  /** Whether its last command runs in the background. */
  readonly endsInBackground: boolean
}

const operators = ['&&', '||', ';;', ';', '|&', '|', '&', '\n', '(', ')'] as const
const compound = /^(if|then|else|elif|fi|for|while|until|do|done|case|esac|function|\{|\}|!|\[\[)$/

/** Splits a script as a POSIX shell does. Variables stay as they are. */
export function scriptOf(text: string): Script {
  const commands: Command[] = []
  let words: string[] = []
  let word: string | undefined
  let after: Command['after'] = ''
  let isRedirected = false
  let isCompound = false
  let skipsWord = false

  const endWord = () => {
    if (word === undefined) return
    if (skipsWord) skipsWord = false
    else if (words.length === 0 && compound.test(word)) isCompound = true
    else words.push(word)
    word = undefined
  }
  const endCommand = (operator: Command['after']) => {
    endWord()
    if (words.length > 0) {
      commands.push({ words, after, isRedirected })
      after = operator
    }
    words = []
    isRedirected = false
  }

  for (let index = 0; index < text.length; ) {
    const rest = text.slice(index, index + 2)
    const character = text[index] as string
    if (character === '\\') {
      if (text[index + 1] !== '\n') word = (word ?? '') + (text[index + 1] ?? '')
      index += 2
    } else if (character === "'" || character === '"') {
      const quoted = quotedAt(text, index)
      word = (word ?? '') + quoted.text
      index = quoted.end
    } else if (rest === '$(' || character === '`') {
      const end = closingOf(text, index)
      word = (word ?? '') + text.slice(index, end)
      index = end
    } else if (character === '#' && word === undefined) {
      while (index < text.length && text[index] !== '\n') index++
    } else if (character === ' ' || character === '\t' || character === '\r') {
      endWord()
      index++
    } else if (character === '<' || character === '>' || rest === '&>') {
      if (word !== undefined && /^\d+$/.test(word)) word = undefined
      endWord()
      isRedirected = true
      const length =
        /^(&>>?|<<<|<<-?|>>|>&\d*-?|<&\d*-?|>\||<>|[<>])/.exec(text.slice(index))?.[0].length ?? 1
      skipsWord = !/&\d+$/.test(text.slice(index, index + length))
      index += length
    } else {
      const operator = operators.find((each) => text.startsWith(each, index))
      if (operator === undefined) {
        word = (word ?? '') + character
        index++
      } else {
        if (operator === '(' || operator === ')' || operator === ';;') isCompound = true
        endCommand(meaningOf(operator))
        index += operator.length
      }
    }
  }
  endCommand('')
  return { commands, isCompound, endsInBackground: (after as string) === '&' }
}

function meaningOf(operator: (typeof operators)[number]): Command['after'] {
  if (operator === '|&') return '|'
  return operator === '&&' || operator === '||' || operator === '|' || operator === '&' ? operator : ';'
}

function quotedAt(text: string, from: number): { text: string; end: number } {
  const quote = text[from]
  let quoted = ''
  let index = from + 1
  for (; index < text.length && text[index] !== quote; index++) {
    if (quote === '"' && text[index] === '\\' && index + 1 < text.length) index++
    quoted += text[index]
  }
  return { text: quoted, end: index + 1 }
}

/** The index at which a command substitution ends. */
function closingOf(text: string, from: number): number {
  if (text[from] === '`') {
    const end = text.indexOf('`', from + 1)
    return end === -1 ? text.length : end + 1
  }
  let depth = 0
  for (let index = from + 1; index < text.length; index++) {
    if (text[index] === '(') depth++
    if (text[index] === ')' && --depth === 0) return index + 1
  }
  return text.length
}

/** Splits a text into words as Compose and systemd do, without a shell. */
export function wordsOf(text: string): readonly string[] {
  const words: string[] = []
  let word: string | undefined
  for (let index = 0; index < text.length; ) {
    const character = text[index] as string
    if (/\s/.test(character)) {
      if (word !== undefined) words.push(word)
      word = undefined
      index++
    } else if (character === "'" || character === '"') {
      const quoted = quotedAt(text, index)
      word = (word ?? '') + quoted.text
      index = quoted.end
    } else {
      const isEscape = character === '\\' && index + 1 < text.length
      word = (word ?? '') + (isEscape ? text[index + 1] : character)
      index += isEscape ? 2 : 1
    }
  }
  return word === undefined ? words : [...words, word]
}
