// The rules of prose: a sentence is short, its words are those that everybody knows, and none stands there twice.
import { words } from './words.mjs'

export const longestSentence = 25

/** A sentence may begin with a small letter, as a name does: `nginx`, `npm`. */
const endOfSentence = /(?<=[.!?]["')]?)(?<!\b(?:e\.g|i\.e|etc|vs)\.)\s+/

/** What must be mended in a text: the rule, and what it says. */
export function findingsIn(text) {
  return [...tooLong(text), ...replaced(text), ...repeated(text)]
}

/** The sentences of a text, each with the number of its words. */
export function sentencesOf(text) {
  return text.split(endOfSentence).map((sentence) => ({ sentence, count: wordsIn(sentence) }))
}

function wordsIn(sentence) {
  return sentence.split(/\s+/).filter((word) => /\w/.test(word)).length
}

function tooLong(text) {
  return sentencesOf(text)
    .filter(({ count }) => count > longestSentence)
    .map(({ sentence, count }) => {
      const begin = sentence.split(' ').slice(0, 8).join(' ')
      return { rule: 'sentence-length', reason: `${count} words, at most ${longestSentence}: "${begin} …"` }
    })
}

function replaced(text) {
  return words
    .map(({ word, write }) => ({ found: word.exec(text), write }))
    .filter(({ found }) => found !== null)
    .map(({ found, write }) => ({ rule: 'words', reason: `"${found[0]}": write ${write}` }))
}

function repeated(text) {
  const found = /\b([a-z]+) \1\b/.exec(text)
  return found === null ? [] : [{ rule: 'repeated-word', reason: `"${found[0]}": leave one out` }]
}
