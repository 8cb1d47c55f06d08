import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { checkFiles, type How, said } from '../../../support/check.ts'

const run = (text: string, how: How = {}) => checkFiles({ 'task.json': text }, how)
const container = (more: object) =>
  JSON.stringify({ containerDefinitions: [{ name: 'app', image: 'orders', ...more }] })
const check = (more: object, how?: How) => said(run(container(more), how))

describe('a task of ECS', () => {
  test('must give the app its time, which is 30 s where it is not written', () => {
    assert.deepEqual(check({}), [])
    assert.deepEqual(check({}, { options: { deadline: 40_000 } }), ['1 grace-too-short error'])
    assert.deepEqual(check({ stopTimeout: 5 }), ['1 grace-too-short error'])
    assert.deepEqual(check({ stopTimeout: '10' }), [])
    assert.deepEqual(check({ stopTimeout: '<TIME>' }), ['1 cannot-be-read warning'])
    const write = (deadline: number) => run(container({}), { options: { deadline } }).findings[0]?.write ?? ''
    assert.match(write(119_000), /^Write `"stopTimeout": 120`,/)
    assert.match(write(120_000), /Fargate waits 120 s at most/)
    assert.deepEqual(said(run(JSON.stringify({ stopTimeout: 60, containerDefinitions: [] }))), [
      '1 key-misplaced error'
    ])
    assert.deepEqual(check({ stopTimout: 60 }), ['1 key-misspelt error'])
  })

  test('must hand the signal on', () => {
    assert.deepEqual(check({ command: ['npm', 'start'] }), ['1 signal-not-reached warning'])
    assert.deepEqual(check({ entryPoint: ['sh', '-c'], command: ['node a.js; true'] }), [
      '1 signal-not-reached error'
    ])
    assert.deepEqual(check({ entryPoint: ['./run'] }), ['1 cannot-be-read note'])
    assert.deepEqual(check({ command: ['--verbose'] }), [])
    assert.deepEqual(check({ command: ['node', 'a.js'] }), ['1 init-missing note'])
    assert.deepEqual(check({ command: ['node', 'a.js'], linuxParameters: { initProcessEnabled: true } }), [])
    assert.deepEqual(check({}, { options: { signals: ['SIGINT'] } }), ['1 signal-unheard error'])
  })

  test('must ask what the plugin answers, at its port', () => {
    const health = (...command: string[]) =>
      check({ portMappings: [{ containerPort: 3_000 }, {}], healthCheck: { command } })
    assert.deepEqual(health('CMD-SHELL', 'curl -f http://localhost:3000/readyz || exit 1'), [])
    assert.deepEqual(health('CMD', 'curl', 'http://localhost:3000/health'), ['1 probe-path warning'])
    assert.deepEqual(health('CMD-SHELL', 'curl localhost:4000/readyz'), ['1 probe-port warning'])
    assert.deepEqual(health('NONE'), [])
    assert.deepEqual(check({ portMappings: [{ containerPort: 80 }] }, { port: 3_000 }), [
      '1 port-unserved warning'
    ])
  })

  test('may have other containers', () => {
    const left = (text: string, how?: How) =>
      run(text, how).leftOut.map(({ subject, why }) => `${subject}: ${why}`)
    const task = {
      taskDefinition: {
        containerDefinitions: [
          { name: 'a', image: 'redis:7' },
          { name: 'b', command: ['python', 'b'] },
          { name: 'c', image: 'amazon/aws-otel-collector' },
          { image: 'd' }
        ]
      }
    }
    assert.deepEqual(left(JSON.stringify(task)), [
      'Container a: the image is redis',
      'Container b: it starts python',
      'Container c: the image is aws-otel-collector'
    ])
    assert.deepEqual(left(JSON.stringify(task), { apps: ['a'] }).length, 3)
    assert.deepEqual(said(run('[{ "name": "x", "stopTimeout": 1 }]', { format: 'ecs' })), [
      '1 grace-too-short error'
    ])
    assert.deepEqual(said(run('{ "containerDefinitions": [{ "cpu": @CPU }] }')), ['1 cannot-be-read warning'])
    assert.deepEqual(check({}, { options: { lameDuck: 20_000 } }), ['1 options-impossible error'])
  })
})
