// Receives events of Interlock and prints each once, verified.
//
//   OUTBOUND_ALLOW_PRIVATE=true npm start        (in another terminal; a receiver on this machine is a private address)
//   node examples/receive-webhooks.mjs
//
// It registers itself as an endpoint with the sandbox key of .data/dev-credentials.json, sends itself a test, and
// removes the endpoint when it ends. INTERLOCK_URL, INTERLOCK_API_KEY and PORT say otherwise.
/* oxlint-disable no-console, node/no-process-env */
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { verifyWebhook, WebhookVerificationError } from './webhook-verifier.mjs';

const MAX_BODY_BYTES = 64 * 1024;

const development = () => JSON.parse(readFileSync('.data/dev-credentials.json', 'utf8'));
const url = process.env.INTERLOCK_URL ?? 'http://localhost:3000';
const apiKey = process.env.INTERLOCK_API_KEY ?? development().sandboxApiKey;
const port = Number(process.env.PORT ?? 4000);

// a delivery may come twice: its id says so. Keep the ids where your other data is, and for as long as events are
// retried.
const seen = new Set();
/** Resolved with the endpoint: an event may come before the answer that has its secret. */
let registered;

const server = createServer((request, response) => void receive(request, response));

async function receive(request, response) {
  const answer = (status) => response.writeHead(status).end();
  try {
    const body = await bodyOf(request);
    const { secret, publicKey } = await registered;
    const event = verifyWebhook(body, request.headers, { secret, publicKey });
    const id = request.headers['webhook-id'];
    if (!seen.has(id)) {
      seen.add(id);
      console.log(`${event.timestamp} ${event.type} ${JSON.stringify(event.data)}`);
    }
    // quickly, before the work: what takes longer than 20 s is sent again
    answer(204);
  } catch (error) {
    if (!(error instanceof WebhookVerificationError)) console.error(error);
    answer(error instanceof WebhookVerificationError ? 401 : 500);
  }
}

async function bodyOf(request) {
  const chunks = [];
  let bytes = 0;
  for await (const chunk of request) {
    bytes += chunk.length;
    if (bytes > MAX_BODY_BYTES) throw new Error('the body is too large');
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

async function call(method, path, body) {
  const headers = { 'x-api-key': apiKey, 'content-type': 'application/json' };
  const answer = await fetch(`${url}${path}`, { ...{ method, headers }, ...(body && { body: JSON.stringify(body) }) });
  const json = await answer.json();
  if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${JSON.stringify(json)}`);
  return json.data;
}

const register = () =>
  call('POST', '/v2/webhook-endpoints', { url: `http://127.0.0.1:${port}/`, description: 'Example' });

async function listen() {
  registered = register();
  try {
    const { id } = await registered;
    console.log(`Endpoint ${id} receives on port ${port}. Stop with Ctrl+C.`);
    const test = await call('POST', `/v2/webhook-endpoints/${id}/test`, {});
    console.log(`The test was answered ${test.status ?? test.error}.`);
  } catch (error) {
    console.error(error.message);
    if (/"url":/.test(error.message)) {
      console.error('The service calls no private address: start it with OUTBOUND_ALLOW_PRIVATE=true npm start.');
    }
    process.exitCode = 1;
    close();
  }
}

async function stop() {
  const made = await registered?.catch(() => null);
  if (made) await call('DELETE', `/v2/webhook-endpoints/${made.id}`).catch(() => undefined);
  close();
}

function close() {
  server.close();
  server.closeAllConnections();
}

server.listen(port, '127.0.0.1', () => void listen());
process.once('SIGINT', () => void stop());
