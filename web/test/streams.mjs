// streams.mjs URL: talks to a running server with the clients of graphql-ws and graphql-sse, as applications do: a query, a mistake,
// and a subscription that hears of what is recorded meanwhile.
import assert from 'node:assert/strict';
import { createClient as createSocket } from 'graphql-ws';
import { createClient as createStream } from 'graphql-sse';
import WebSocket from 'ws';

const url = process.argv[2];
let recorded = 0;

async function record() {
  const response = await fetch(url, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify({
      query: 'mutation($id: ID!) { recordInteractions(input: [{id: $id, type: SEARCH, at: "2026-02-01T00:00:00Z", customer: {id: "c1"}, query: "rail"}]) { accepted } }',
      variables: { id: `${process.pid}-${recorded++}` },
    }),
  });
  const { data } = await response.json();
  assert.equal(data.recordInteractions.accepted, 1);
}

async function hold(name, client) {
  const ask = async (query) => {
    const answers = [];
    for await (const answer of client.iterate({ query })) answers.push(answer);
    return answers;
  };
  const [answer] = await ask('{ status { customers } }');
  assert.equal(typeof answer.data.status.customers, 'number', name);

  const refused = await ask('{ nope }').catch((error) => (Array.isArray(error) ? [{ errors: error }] : Promise.reject(error)));
  assert.equal(refused[0].errors[0].extensions.code, 'INVALID_ARGUMENT', name);

  const listening = client.iterate({ query: 'subscription { interactionRecorded { id query customer { id } } }' });
  const heard = listening.next();
  const recording = setInterval(() => record().catch((error) => { throw error; }), 100);
  const { value } = await heard;
  clearInterval(recording);
  assert.equal(value.data.interactionRecorded.query, 'rail', name);
  assert.equal(value.data.interactionRecorded.customer.id, 'c1', name);
  await listening.return();
  console.log(`${name}: ok`);
}

const socket = createSocket({ url: url.replace(/^http/, 'ws'), webSocketImpl: WebSocket });
await hold('graphql-ws', socket);
await socket.dispose();

const stream = createStream({ url });
await hold('graphql-sse', stream);
stream.dispose();
process.exit(0);
