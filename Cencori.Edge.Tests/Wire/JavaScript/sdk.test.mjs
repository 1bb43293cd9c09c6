// The official JavaScript SDK against a running edge, with only the base URL and the key changed. Run by
// JavaScriptSdkTests, which reads one line of JSON for each case from standard output.
import OpenAI, {
  APIError,
  AuthenticationError,
  BadRequestError,
  InternalServerError,
  NotFoundError,
  PermissionDeniedError,
  RateLimitError,
} from 'openai';
import assert from 'node:assert/strict';

const { BASE_URL: baseURL, API_KEY, DENIED_KEY, LIMITED_KEY, UNREACHABLE_KEY, REFUSED_KEY } = process.env;
const sentence = 'One two three four five six seven eight — nine 🎈 ten.';
const question = [{ role: 'user', content: 'Weather in Accra?' }];
const tools = [
  {
    type: 'function',
    function: {
      name: 'get_weather',
      parameters: { type: 'object', properties: { city: { type: 'string' } }, required: ['city'] },
    },
  },
];

// Counts the requests actually sent, including retries.
function client(apiKey, options = {}) {
  const counted = { requests: 0, times: [], waits: [] };
  const openai = new OpenAI({
    apiKey,
    baseURL,
    maxRetries: 0,
    fetch: async (url, init) => {
      counted.requests++;
      counted.times.push(performance.now());
      const response = await fetch(url, init);
      counted.waits.push(Number(response.headers.get('retry-after-ms')));
      return response;
    },
    ...options,
  });
  return { openai, counted };
}

const { openai } = client(API_KEY);
const say = (openai, model, content = 'hi') =>
  openai.chat.completions.create({ model, messages: [{ role: 'user', content }] });

async function fails(call, type, status, code) {
  const error = await call.then(
    () => assert.fail('The call did not fail.'),
    (error) => error,
  );
  assert.ok(error instanceof type, `${error.constructor.name}: ${error.message}`);
  assert.equal(error.status, status);
  assert.equal(error.code, code);
  assert.ok(error.requestID, 'no request id');
  return error;
}

const cases = {
  async chat() {
    const answer = await say(openai, 'sandbox/echo', 'Say hello, please.');
    assert.equal(answer.choices[0].message.content, 'Say hello, please.');
    assert.equal(answer.choices[0].finish_reason, 'stop');
    assert.deepEqual(answer.usage.total_tokens, answer.usage.prompt_tokens + answer.usage.completion_tokens);
    assert.ok(answer._request_id.startsWith('req_'));
  },

  async stream_without_usage() {
    const stream = await openai.chat.completions.create({
      model: 'sandbox/echo',
      stream: true,
      messages: [{ role: 'user', content: sentence }],
    });
    let text = '';
    let finish = null;
    for await (const chunk of stream) {
      // field trap 11: a usage chunk that the client did not ask for would have no choices to read
      text += chunk.choices[0].delta.content ?? '';
      finish ??= chunk.choices[0].finish_reason;
      assert.ok(!chunk.usage);
    }
    assert.equal(text, sentence);
    assert.equal(finish, 'stop');
  },

  async stream_with_usage() {
    const stream = await openai.chat.completions.create({
      model: 'sandbox/echo',
      stream: true,
      stream_options: { include_usage: true },
      messages: [{ role: 'user', content: sentence }],
    });
    const chunks = [];
    for await (const chunk of stream) chunks.push(chunk);
    assert.equal(chunks.map((chunk) => chunk.choices[0]?.delta.content ?? '').join(''), sentence);
    assert.deepEqual(chunks.at(-1).choices, []);
    assert.ok(chunks.at(-1).usage.completion_tokens > 10);
  },

  async tools_in_two_turns() {
    const asked = await openai.chat.completions.create({ model: 'gpt-4o', messages: question, tools });
    const [call] = asked.choices[0].message.tool_calls;
    assert.equal(asked.choices[0].finish_reason, 'tool_calls');
    assert.equal(call.function.name, 'get_weather');
    assert.deepEqual(JSON.parse(call.function.arguments), { city: 'Weather in Accra?' });
    const answered = await openai.chat.completions.create({
      model: 'gpt-4o',
      tools,
      messages: [...question, asked.choices[0].message, { role: 'tool', tool_call_id: call.id, content: '31 degrees' }],
    });
    assert.match(answered.choices[0].message.content, /31 degrees/);
  },

  async tools_streamed() {
    const final = await openai.chat.completions.stream({ model: 'gpt-4o', messages: question, tools }).finalChatCompletion();
    const [call] = final.choices[0].message.tool_calls;
    assert.equal(call.function.name, 'get_weather');
    assert.deepEqual(JSON.parse(call.function.arguments), { city: 'Weather in Accra?' });
  },

  async embeddings() {
    const { data } = await openai.embeddings.create({ model: 'text-embedding-3-small', input: ['a', 'b'], dimensions: 32 });
    assert.deepEqual(data.map((item) => item.embedding.length), [32, 32]);
    const length = data[0].embedding.reduce((sum, value) => sum + value * value, 0);
    assert.ok(Math.abs(length - 1) < 0.001, `${length}`);
  },

  async models() {
    const ids = [];
    for await (const model of openai.models.list()) ids.push(model.id);
    assert.ok(ids.includes('gpt-4o') && ids.includes('sandbox/echo'));
    assert.equal((await openai.models.retrieve('sandbox/echo')).id, 'sandbox/echo');
  },

  async responses() {
    const response = await openai.responses.create({ model: 'sandbox/echo', input: 'one two three' });
    assert.equal(response.output_text, 'one two three');
    let text = '';
    for await (const event of await openai.responses.create({ model: 'sandbox/echo', input: sentence, stream: true })) {
      text += event.type === 'response.output_text.delta' ? event.delta : '';
    }
    assert.equal(text, sentence);
  },

  async bad_request() {
    const error = await fails(openai.chat.completions.create({ model: 'gpt-4o' }), BadRequestError, 400, 'INVALID_REQUEST');
    assert.equal(error.param, 'messages');
    assert.equal(error.type, 'invalid_request_error');
  },

  async authentication() {
    const { openai, counted } = client('csk_' + '0'.repeat(48), { maxRetries: 2 });
    await fails(say(openai, 'gpt-4o'), AuthenticationError, 401, 'INVALID_API_KEY');
    assert.equal(counted.requests, 1);
  },

  async permission() {
    const error = await fails(say(client(DENIED_KEY).openai, 'gpt-4o'), PermissionDeniedError, 403, 'INSUFFICIENT_PERMISSIONS');
    assert.equal(error.error.reason, 'model_not_allowed');
  },

  async not_found() {
    await fails(say(openai, 'no-such-model'), NotFoundError, 404, 'MODEL_NOT_FOUND');
    await fails(openai.models.retrieve('no-such-model'), NotFoundError, 404, 'MODEL_NOT_FOUND');
  },

  async rate_limit_is_waited_out() {
    // On a busy machine the bucket may be full again before the next request.
    const tries = 10;
    const strict = client(LIMITED_KEY).openai;
    const repeat = async () => {
      for (let i = 0; i < tries; i++) await say(strict, 'sandbox/echo');
    };
    const error = await fails(repeat(), RateLimitError, 429, 'RATE_LIMIT_EXCEEDED');
    assert.equal(error.param, 'requests');
    const wait = Number(error.headers.get('retry-after-ms'));
    assert.ok(wait > 0 && wait <= 2000, `${wait}`);

    // One retry must be enough for a client that waits for the time in the header; otherwise the header is wrong.
    let counted;
    for (let i = 0; i < tries && counted?.requests !== 2; i++) {
      const patient = client(LIMITED_KEY, { maxRetries: 1 });
      counted = patient.counted;
      await say(patient.openai, 'sandbox/echo');
    }

    assert.equal(counted.requests, 2);
    assert.ok(counted.times[1] - counted.times[0] > counted.waits[0] / 2);
  },

  async refused_provider_credential_is_not_repeated() {
    const { openai, counted } = client(REFUSED_KEY, { maxRetries: 2 });
    await fails(say(openai, 'gpt-4o'), InternalServerError, 502, 'PROVIDER_AUTH_FAILED');
    assert.equal(counted.requests, 1);
  },

  async provider_out_of_reach() {
    await fails(say(client(UNREACHABLE_KEY).openai, 'gpt-4o'), InternalServerError, 503, 'PROVIDER_UNAVAILABLE');
  },

  async error_within_a_stream() {
    const stream = await openai.chat.completions.create({
      model: 'sandbox/error-stream',
      stream: true,
      messages: [{ role: 'user', content: sentence }],
    });
    let chunks = 0;
    const reading = (async () => {
      for await (const _ of stream) chunks++;
    })();
    const error = await reading.then(
      () => assert.fail('The stream ended as if it were complete.'),
      (error) => error,
    );
    assert.ok(error instanceof APIError, `${error.constructor.name}: ${error.message}`);
    assert.equal(error.code, 'PROVIDER_ERROR');
    assert.equal(error.type, 'api_error');
    assert.ok(chunks > 1);
  },
};

for (const [name, run] of Object.entries(cases)) {
  const failure = await run().then(
    () => null,
    (error) => error.stack ?? String(error),
  );
  console.log(JSON.stringify({ name, failure }));
}
