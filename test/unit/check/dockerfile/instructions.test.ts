import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { instructionsIn } from '../../../../check/dockerfile/instructions.ts'

const read = (text: string) =>
  instructionsIn(text).map(({ at, name, text }) => `${at.line}:${at.column} ${name} ${text}`)

describe('the instructions of a Dockerfile', () => {
  test('may be continued, with comments and empty lines between', () => {
    assert.deepEqual(
      read(
        '# syntax=docker/dockerfile:1\nFROM node:24\n  cmd node \\\n# a comment \\\n\n  server.js \\  \n  --a\n'
      ),
      ['2:1 FROM node:24', '3:3 CMD node   server.js   --a']
    )
    assert.deepEqual(read('FROM node \\'), ['1:1 FROM node'])
    assert.deepEqual(read('\n# only a comment'), [])
    assert.deepEqual(read('CMD'), ['1:1 CMD '])
    assert.deepEqual(read('\\\n'), [])
  })

  test('are continued by what the directive escape says, at the top alone', () => {
    assert.deepEqual(read('# escape=`\nFROM a\nRUN dir C:\\\nCMD a `\n b'), [
      '2:1 FROM a',
      '3:1 RUN dir C:\\',
      '4:1 CMD a  b'
    ])
    assert.deepEqual(read('# a comment\n# escape=`\nFROM a\nCMD a `\nRUN b'), [
      '3:1 FROM a',
      '4:1 CMD a `',
      '5:1 RUN b'
    ])
    assert.deepEqual(read('# syntax=x\n#escape = `\nCMD a`\nb'), ['3:1 CMD ab'])
  })

  test('may have heredocs, whose lines are none', () => {
    const text = `FROM a
RUN <<EOF
CMD ["no"]
EOF
COPY <<-"one" <<two /dir/
\tfirst
\tone
second
two
ONBUILD RUN <<-E
CMD no
\tE
CMD cat << EOF
CMD yes`
    assert.deepEqual(read(text), [
      '1:1 FROM a',
      '2:1 RUN <<EOF',
      '5:1 COPY <<-"one" <<two /dir/',
      '10:1 ONBUILD RUN <<-E',
      '13:1 CMD cat << EOF',
      '14:1 CMD yes'
    ])
    assert.deepEqual(
      [...(instructionsIn(text)[2]?.heredocs ?? [])],
      [
        ['one', 'first'],
        ['two', 'second']
      ]
    )
    assert.deepEqual(read('RUN <<EOF\nCMD never ended'), ['1:1 RUN <<EOF'])
  })
})
