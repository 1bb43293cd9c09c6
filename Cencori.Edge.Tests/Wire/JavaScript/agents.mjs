// The official JavaScript SDK as an agent in shadow mode: the responses have no tool calls, and the extra members do not break the SDK.
// Run by AgentSdkTests, which reads one line of JSON for each case from standard output.
import assert from 'node:assert/strict';
import OpenAI from 'openai';

const { BASE_URL, API_KEY } = process.env;
const client = new OpenAI({ apiKey: API_KEY, baseURL: BASE_URL, maxRetries: 0 });
const tools = [{ type: 'function', function: { name: 'get_weather', parameters: { type: 'object', properties: {} } } }];

const cases = {
  'a streamed chat': async () => {
    let told;
    const stream = client.chat.completions.stream({ model: 'gpt-4o', messages: [{ role: 'user', content: 'hi' }], tools });
    stream.on('chunk', (chunk) => (told ??= chunk.cencori));
    const { choices } = await stream.finalChatCompletion();
    assert.equal(choices[0].message.content, 'Hi');
    assert.equal(choices[0].finish_reason, 'stop');
    assert.equal(choices[0].message.tool_calls?.length ?? 0, 0);
    assert.equal(told.pending_action_ids.length, 1);
  },
  'a response': async () => {
    const response = await client.responses.create({ model: 'gpt-4o', input: 'hi' });
    assert.equal(response.output_text, 'Hi');
    assert.equal(response.output.length, 1);
    assert.equal(response.cencori.pending_actions[0].tool, 'get_weather');
  },
};

for (const [name, run] of Object.entries(cases)) {
  let failure = null;
  try {
    await run();
  } catch (error) {
    failure = `${error.constructor.name}: ${error.message}`;
  }

  console.log(JSON.stringify({ name, failure }));
}
