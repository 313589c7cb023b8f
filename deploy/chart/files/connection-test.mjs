// Asks the standard health service, as any gRPC client would: node connection-test.mjs URL [refused]
// `refused`: the service must turn away a client that shows no certificate.
import { existsSync, readFileSync } from 'node:fs';
import { connect } from 'node:http2';

const [url, expected] = process.argv.slice(-2).some((word) => word === 'refused')
  ? [process.argv.at(-2), 'refused']
  : [process.argv.at(-1), 'serving'];
const caFile = process.env.CA_FILE;
const session = connect(url, caFile === undefined || !existsSync(caFile) ? {} : { ca: readFileSync(caFile) });
const deadline = setTimeout(() => end(1, 'no answer within 10 s'), 10_000);

function end(code, words) {
  clearTimeout(deadline);
  console.log(`${url}: ${words}`);
  session.destroy();
  process.exitCode = code;
}

function failed(error) {
  const isRefusal = /CERTIFICATE_REQUIRED|ECONNRESET|bad certificate/i.test(`${error.code} ${error.message}`);
  if (expected === 'refused' && isRefusal) end(0, 'refuses a client without certificate, as it should');
  else end(1, `${error.code ?? ''} ${error.message}`);
}

session.on('error', failed);
const request = session.request({
  ':method': 'POST',
  ':path': '/grpc.health.v1.Health/Check',
  'content-type': 'application/grpc',
  te: 'trailers',
});
const chunks = [];
request.on('error', failed);
request.on('data', (chunk) => chunks.push(chunk));
request.on('end', () => {
  // A frame of two bytes: field 1, value 1, SERVING.
  const isServing = Buffer.concat(chunks).equals(Buffer.from([0, 0, 0, 0, 2, 8, 1]));
  if (expected === 'refused') end(1, 'answers a client without certificate');
  else end(isServing ? 0 : 1, isServing ? 'serving' : 'not serving');
});
// An empty message: every service of this server.
request.end(Buffer.from([0, 0, 0, 0, 0]));
