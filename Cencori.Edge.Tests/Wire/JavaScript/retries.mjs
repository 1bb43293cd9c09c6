// Which of the edge's errors the official OpenAI SDK retries, with its default of two retries. Run by RetryAdviceTests, which reads one line of
// JSON for each key from standard output.
import OpenAI from 'openai';

const { EDGE_URL, FAILING_KEY, WAITING_KEY } = process.env;

for (const [name, apiKey] of [['failing', FAILING_KEY], ['waiting', WAITING_KEY]]) {
  const client = new OpenAI({ apiKey, baseURL: EDGE_URL });
  let status = 200;
  try {
    await client.chat.completions.create({ model: 'gpt-4o', messages: [{ role: 'user', content: 'Hello!' }] });
  } catch (error) {
    status = error.status;
  }

  console.log(JSON.stringify({ name, status }));
}
