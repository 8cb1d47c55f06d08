import { load } from './companions.ts'

/** A service of ConnectRPC with a finite and an endless method, described without generated code. */
export async function clockService(): Promise<object> {
  const { create, createFileRegistry } = await load<{
    create(schema: object, value: object): object
    createFileRegistry(file: object, resolve: (name: string) => object): { getService(name: string): object }
  }>('@bufbuild/protobuf')
  const known = await load<Record<string, { readonly proto: object }>>('@bufbuild/protobuf/wkt')
  const method = (name: string, serverStreaming: boolean) => ({
    name,
    inputType: '.google.protobuf.Empty',
    outputType: '.google.protobuf.StringValue',
    serverStreaming
  })
  const file = create(known['FileDescriptorProtoSchema'] as object, {
    name: 'clock.proto',
    package: 'clock',
    syntax: 'proto3',
    dependency: ['google/protobuf/wrappers.proto', 'google/protobuf/empty.proto'],
    service: [{ name: 'Clock', method: [method('Now', false), method('Ticks', true)] }]
  })
  const of = (name: string) => (name.includes('wrappers') ? 'wrappers' : 'empty')
  const resolve = (name: string) => known[`file_google_protobuf_${of(name)}`]?.proto as object
  return createFileRegistry(file, resolve).getService('clock.Clock')
}
