// A collector of OTLP by gRPC, without TLS, on loopback: HTTP/2 by node, messages by other people. Writes its port on the first line, then
// one line for each export: {"traces": …} or {"metrics": …}, as JSON of the message; ids are in hexadecimal.
// Started as: node collector.mjs FOLDER-WITH-NODE_MODULES. Ends when its input ends.
import { createRequire } from 'node:module';
import { createServer } from 'node:http2';

const require = createRequire(process.argv[2] + '/');
const { collector } = require('@opentelemetry/otlp-transformer/build/src/generated/root.js').opentelemetry.proto;

const services = {
  '/opentelemetry.proto.collector.trace.v1.TraceService/Export': ['traces', collector.trace.v1.ExportTraceServiceRequest],
  '/opentelemetry.proto.collector.metrics.v1.MetricsService/Export': ['metrics', collector.metrics.v1.ExportMetricsServiceRequest],
};

const hex = (key, value) =>
  /^(trace|span|parentSpan)Id$/.test(key) ? Buffer.from(value, 'base64').toString('hex') : value;

const server = createServer();
server.on('stream', (stream, headers) => {
  const parts = [];
  stream.on('error', () => {});
  stream.on('data', part => parts.push(part));
  stream.on('end', () => {
    // One message: a flag for its compression, of which there is none, and its length before it.
    const [service, body] = [services[headers[':path']], Buffer.concat(parts)];
    const isRight = service && headers['content-type'].startsWith('application/grpc') && body[0] === 0 && body.readUInt32BE(1) === body.length - 5;
    const status = isRight ? '0' : '12';
    if (isRight) {
      const message = service[1].toObject(service[1].decode(body.subarray(5)), { bytes: String, longs: String });
      process.stdout.write(JSON.stringify({ [service[0]]: message }, hex) + '\n');
    }

    stream.respond({ ':status': 200, 'content-type': 'application/grpc' }, { waitForTrailers: true });
    stream.on('wantTrailers', () => stream.sendTrailers({ 'grpc-status': status }));
    stream.end(Buffer.alloc(5));
  });
});
server.listen(0, '127.0.0.1', () => process.stdout.write(`${server.address().port}\n`));
process.stdin.on('end', () => process.exit(0)).resume();
