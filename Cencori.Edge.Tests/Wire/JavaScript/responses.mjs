// The official JavaScript SDK at /v1/responses of a running edge with a scripted provider. Run by ResponsesSdkTests, which
// reads one line of JSON for each case from standard output.
import OpenAI, { APIError, NotFoundError } from 'openai';
import assert from 'node:assert/strict';

const openai = new OpenAI({ apiKey: process.env.API_KEY, baseURL: process.env.BASE_URL, maxRetries: 0 });
const streamed = async (input) => {
  const events = [];
  for await (const event of await openai.responses.create({ model: 'gpt-4o', input, stream: true })) events.push(event);
  return events;
};

const cases = {
  async every_type_of_event() {
    const types = JSON.parse(process.env.TYPES);
    const events = await streamed('every type');
    assert.deepEqual(events.map((event) => event.type), types);
    assert.deepEqual(events.map((event) => event.sequence_number), types.map((_, at) => at));
    assert.equal(events.at(-1).response.usage.total_tokens, 46);
  },

  async incomplete_and_failed_are_ends() {
    assert.equal((await streamed('incomplete')).at(-1).response.incomplete_details.reason, 'max_output_tokens');
    assert.equal((await streamed('failed')).at(-1).response.error.code, 'server_error');
  },

  async errors_in_a_stream_are_seen() {
    // The SDK passes the provider's own error event on as an ordinary event.
    assert.equal((await streamed('error event')).at(-1).code, 'server_error');
    const error = await streamed('breaks').then(() => assert.fail('The stream ended as if it were complete.'), (error) => error);
    assert.ok(error instanceof APIError, `${error.constructor.name}: ${error.message}`);
  },

  async stored_and_done_things_to() {
    const made = await openai.responses.create({
      model: 'gpt-4o', input: 'stored', store: true, background: true, previous_response_id: 'resp_before', conversation: 'conv_1', prompt: { id: 'pmpt_1', variables: { a: 'b' } },
    });
    assert.equal(made.status, 'queued');
    assert.equal((await openai.responses.cancel(made.id)).status, 'cancelled');
    assert.equal((await openai.responses.retrieve(made.id)).id, made.id);
    const items = [];
    for await (const item of openai.responses.inputItems.list(made.id)) items.push(item);
    assert.equal(items.length, 1);
    const again = [];
    for await (const event of await openai.responses.retrieve(made.id, { stream: true, starting_after: 0 })) again.push(event.type);
    assert.deepEqual(again, ['response.completed']);
    await openai.responses.delete(made.id);
    const error = await openai.responses.retrieve('resp_gone').then(() => assert.fail('It was there.'), (error) => error);
    assert.ok(error instanceof NotFoundError && error.requestID, `${error}`);
  },

  async input_is_counted() {
    assert.equal((await openai.responses.inputTokens.count({ model: 'gpt-4o', input: 'hi' })).input_tokens, 7);
  },
};

for (const [name, run] of Object.entries(cases)) {
  const failure = await run().then(
    () => null,
    (error) => error.stack ?? String(error),
  );
  console.log(JSON.stringify({ name, failure }));
}
