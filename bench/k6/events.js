// Parses an event stream as OpenAI's clients do, but reports deviations that they tolerate.

/** What is wrong with a stream of chat completion chunks, in words; null: nothing. */
export function problemOf(text, asksForUsage) {
  if (text.indexOf('\r') >= 0) {
    return 'it has carriage returns';
  }
  if (!/\n\n$/.test(text)) {
    return 'it does not end with an empty line';
  }

  const events = text.slice(0, -2).split('\n\n');
  if (events.pop() !== 'data: [DONE]') {
    return 'it does not end with [DONE]';
  }

  const chunks = [];
  for (const event of events) {
    const chunk = read(event);
    if (typeof chunk === 'string') {
      return chunk;
    }
    chunks.push(chunk);
  }
  return problemOfChunks(chunks, asksForUsage);
}

function read(event) {
  if (event.indexOf('data: ') !== 0 || event.indexOf('\n') >= 0) {
    return `an event is not one line of data: ${event}`;
  }

  let chunk;
  try {
    chunk = JSON.parse(event.slice('data: '.length));
  } catch (error) {
    return `an event is not JSON: ${event}`;
  }
  return chunk.object === 'chat.completion.chunk' && Array.isArray(chunk.choices) ? chunk : `an event is not a chunk: ${event}`;
}

function problemOfChunks(chunks, asksForUsage) {
  if (chunks.length === 0) {
    return 'it has no chunks';
  }
  if (chunks.some((chunk) => chunk.id !== chunks[0].id)) {
    return 'its chunks have different ids';
  }

  const usage = chunks.filter((chunk) => chunk.choices.length === 0);
  if (asksForUsage && (usage.length !== 1 || usage[0] !== chunks[chunks.length - 1] || !(usage[0].usage.total_tokens > 0))) {
    return 'usage was asked for and is not in the last chunk';
  }
  if (!asksForUsage && usage.length > 0) {
    return 'it has a chunk of usage that nobody asked for';
  }

  const choices = chunks.filter((chunk) => chunk.choices.length > 0).map((chunk) => chunk.choices[0]);
  if (choices.filter((choice) => choice.finish_reason).length !== 1) {
    return 'it does not finish exactly once';
  }
  return choices.some((choice) => choice.delta && choice.delta.content) ? null : 'it has no text';
}
