// What people read in code: its comments, and the sentences among its strings (errors, log lines, help).

/** Each paragraph and list item of a comment is a passage. A string counts if it has three words or more. */
export function passagesOfCode(path, code) {
  return [
    ...commentsIn(code).flatMap(({ line, text }) => paragraphsOf(text).map((text) => ({ path, line, text }))),
    ...stringsIn(code).map(({ line, text }) => ({ path, line, text: withoutCode(text) }))
  ]
}

function paragraphsOf(comment) {
  const prose = comment.replace(/```[\s\S]*?```/g, '')
  return prose
    .split(/\n\s*\n|\n(?=\s*(?:[-*|]|\d+\.) )/)
    .map((text) => withoutCode(text).replace(/\s+/g, ' ').trim())
}

function commentsIn(code) {
  const blocks = [...code.matchAll(/^[ \t]*\/\*\*?([\s\S]*?)\*\/[ \t]*$/gm)].map((match) => ({
    line: lineAt(code, match.index),
    text: tagsApart(match[1].replace(/^[ \t]*\*? ?/gm, ''))
  }))
  const lines = [...code.matchAll(/(?:^[ \t]*\/\/.*\n)+/gm)].map((match) => ({
    line: lineAt(code, match.index),
    text: match[0].replace(/^[ \t]*\/\/ ?/gm, '')
  }))
  return [...blocks, ...lines].filter(({ text }) => !/^\s*(biome-ignore|c8 ignore)/.test(text))
}

/** Each tag of a comment is a paragraph of its own, without its name; a link is its text. */
function tagsApart(comment) {
  return comment
    .replace(
      /\{@link(?:code)? ([^}|]*)(?:\|([^}]*))?\}/g,
      (_, target, text) => text ?? `\`${target.trim()}\``
    )
    .replace(/^@(?:param|typeParam) \S+ (?:- )?/gm, '\n')
    .replace(/^@\w+ ?/gm, '\n')
}

function stringsIn(code) {
  const strings = code.matchAll(/^(?![ \t]*(?:\*|\/\/|\/\*)).*$/gm)
  return [...strings].flatMap((line) =>
    [...line[0].matchAll(/'((?:[^'\\]|\\.)*)'|"((?:[^"\\]|\\.)*)"|`((?:[^`\\]|\\.)*)`/g)]
      .map(([, single, double, template]) => single ?? double ?? template)
      .filter((text) => text.split(/\s+/).filter((word) => /^[A-Za-z]{2,}[,.;:]?$/.test(word)).length >= 3)
      .map((text) => ({ line: lineAt(code, line.index), text }))
  )
}

function withoutCode(text) {
  return text.replace(/\\?`[^`]*\\?`|\$\{[^}]*\}|%s/g, 'Code')
}

function lineAt(code, index) {
  return code.slice(0, index).split('\n').length
}

/** The names of tests are sentences, too. */
export function namesOfTests(path, code) {
  const names = code.matchAll(
    /\b(?:test|it|describe)\(\s*(?:'((?:[^'\\]|\\.)*)'|"((?:[^"\\]|\\.)*)"|`((?:[^`\\]|\\.)*)`)/g
  )
  return [...names].map((match) => ({
    path,
    line: lineAt(code, match.index),
    text: withoutCode(match[1] ?? match[2] ?? match[3])
  }))
}
