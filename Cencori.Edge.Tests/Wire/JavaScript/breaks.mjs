// The official JavaScript SDKs with streams that a provider breaks or ends at every point, both directly at the provider and through the
// edge. Run by BrokenStreamsTests, which reads one line of JSON for each case from standard output.
import OpenAI from 'openai';
import Anthropic from '@anthropic-ai/sdk';

const { EDGE_URL, PROVIDER_URL, API_KEY, POINTS } = process.env;
const points = JSON.parse(POINTS);

const operations = (baseURL) => {
  const openai = new OpenAI({ apiKey: API_KEY, baseURL: `${baseURL}v1`, maxRetries: 0 });
  const anthropic = new Anthropic({ apiKey: null, authToken: API_KEY, baseURL, maxRetries: 0 });
  return {
    chat: (content) => openai.chat.completions.create({ model: 'gpt-4o', stream: true, messages: [{ role: 'user', content }] }),
    responses: (content) => openai.responses.create({ model: 'gpt-4o', stream: true, input: content }),
    messages: (content) => anthropic.messages.create({ model: 'gpt-4o', stream: true, max_tokens: 9, messages: [{ role: 'user', content }] }),
  };
};

async function raises(call) {
  try {
    for await (const _ of await call()) {
      // Only the end of the stream matters.
    }

    return null;
  } catch (error) {
    return `${error.constructor.name}: ${error.message}`;
  }
}

const [beside, through] = [operations(PROVIDER_URL), operations(EDGE_URL)];
for (const [operation, ats] of Object.entries(points)) {
  const cases = ats.flatMap((at) => ['close', 'end'].map((how) => ({ operation, at, how })));
  await Promise.all(
    cases.map(async (one) => {
      const content = `case ${one.at} ${one.how}`;
      const [without, withEdge] = await Promise.all([beside, through].map((ops) => raises(() => ops[operation](content))));
      console.log(JSON.stringify({ ...one, without, withEdge }));
    }),
  );
}
