// The official JavaScript SDKs with a prompt in their default headers. Run by PromptsSdkTests, which reads one line of JSON for each case
// from standard output, and checks the requests that the provider got.
import OpenAI, { BadRequestError, NotFoundError } from 'openai';
import Anthropic from '@anthropic-ai/sdk';
import assert from 'node:assert/strict';

const { BASE_URL, API_KEY } = process.env;
const values = { name: 'Ada "the first" é🎈', n: 3 };
const ascii = (value) => JSON.stringify(value).replace(/[^ -~]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`);
const headers = (name, vars) => ({ 'X-Cencori-Prompt': name, ...(vars && { 'X-Cencori-Prompt-Vars': ascii(vars) }) });
const client = (defaultHeaders) => new OpenAI({ apiKey: API_KEY, baseURL: `${BASE_URL}v1`, maxRetries: 0, defaultHeaders });
const openai = client(headers('guide', values));
const messages = [{ role: 'system', content: 'Mine.' }, { role: 'user', content: 'Hello!' }];

async function fails(call, type, param, words) {
  const error = await call.then(
    () => assert.fail('It did not fail.'),
    (error) => error,
  );
  assert.ok(error instanceof type, `${error.constructor.name}: ${error.message}`);
  assert.equal(error.param, param);
  assert.ok(error.message.includes(words), error.message);
}

const cases = {
  async chat() {
    const answer = await openai.chat.completions.create({ model: 'gpt-4o', messages });
    assert.equal(answer.choices[0].message.content, 'hi');
  },

  async stream() {
    let text = '';
    for await (const chunk of await openai.chat.completions.create({ model: 'gpt-4o', stream: true, messages })) {
      text += chunk.choices[0].delta.content ?? '';
    }

    assert.equal(text, 'hi there');
  },

  async responses() {
    const answer = await openai.responses.create({ model: 'gpt-4o', instructions: 'Mine.', input: 'Hello!' });
    assert.equal(answer.id, 'resp_1');
    assert.equal((await openai.responses.retrieve('resp_1')).id, 'resp_1');
  },

  async messages() {
    const anthropic = new Anthropic({ apiKey: null, authToken: API_KEY, baseURL: BASE_URL, maxRetries: 0, defaultHeaders: headers('guide', values) });
    const answer = await anthropic.messages.create({ model: 'gpt-4o', max_tokens: 9, system: 'Mine.', messages: [{ role: 'user', content: 'Hello!' }] });
    assert.equal(answer.id, 'msg_1');
  },

  async errors() {
    await fails(client(headers('nobody')).chat.completions.create({ model: 'gpt-4o', messages }), NotFoundError, 'X-Cencori-Prompt', 'no prompt');
    await fails(client(headers('guide', { name: 'Ada' })).chat.completions.create({ model: 'gpt-4o', messages }), BadRequestError, 'X-Cencori-Prompt-Vars', "'n'");
    await fails(client(headers('guide', { ...values, x: 1 })).chat.completions.create({ model: 'gpt-4o', messages }), BadRequestError, 'X-Cencori-Prompt-Vars', "'x'");
    await fails(openai.embeddings.create({ model: 'text-embedding-3-small', input: 'x' }), BadRequestError, 'X-Cencori-Prompt', 'does not support prompts');
  },
};

for (const [name, run] of Object.entries(cases)) {
  const failure = await run().then(
    () => null,
    (error) => error.stack ?? String(error),
  );
  console.log(JSON.stringify({ name, failure }));
}
