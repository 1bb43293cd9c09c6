// Shared by the scripts: the edge's address, requests, and checks of every response.
import http from 'k6/http';
import { check } from 'k6';
import exec from 'k6/execution';
import { Trend } from 'k6/metrics';

// Accepts an address with or without /v1.
export const base = (__ENV.BASE_URL || 'http://localhost:8080').replace(/\/+$/, '').replace(/(\/api)?\/v1$/, '');
export const key = __ENV.API_KEY;
export const model = __ENV.MODEL || 'gpt-4o';

if (!key) {
  throw new Error('Set API_KEY to a project key: k6 run -e BASE_URL=http://localhost:8080 -e API_KEY=csk_test_…');
}

/** Milliseconds that the edge itself needed for the response's head, from Server-Timing. */
export const edgeTime = new Trend('edge_time', true);

export function number(name, otherwise) {
  const value = __ENV[name] === undefined ? otherwise : Number(__ENV[name]);
  if (!(value > 0)) {
    throw new Error(`${name} must be a number above 0.`);
  }
  return value;
}

/** @param expected Statuses that do not count as failed; default: those below 400. */
export function params(tags, expected, otherKey) {
  return Object.assign({
    headers: { Authorization: `Bearer ${otherKey || key}`, 'Content-Type': 'application/json' },
    tags: tags || {},
    timeout: '60s',
  }, expected ? { responseCallback: http.expectedStatuses.apply(null, expected) } : {});
}

export function chat(more) {
  const body = { model: model, max_tokens: 32, messages: [{ role: 'user', content: 'Tell me in one sentence what a gateway is.' }] };
  return JSON.stringify(Object.assign(body, more));
}

export function post(path, body, tags) {
  const answer = http.post(`${base}${path}`, body, params(Object.assign({ name: path }, tags)));
  noteEdgeTime(answer, tags);
  return answer;
}

/** Case-insensitive, because proxies change the case of header names. */
export function header(answer, name) {
  const found = Object.keys(answer.headers).filter((given) => given.toLowerCase() === name.toLowerCase());
  return found.length === 0 ? null : answer.headers[found[0]];
}

/** The JSON of a body; null: the body is not JSON. */
export function json(text) {
  try {
    return JSON.parse(text);
  } catch (error) {
    return null;
  }
}

export function isCompletion(answer) {
  const body = answer.status === 200 ? json(answer.body) : null;
  return body !== null && body.object === 'chat.completion' && body.choices.length > 0 && body.choices[0].message.role === 'assistant'
    && body.usage.total_tokens > 0;
}

/** Checks a chat completion, and aborts a run that would only measure refusals. */
export function checkCompletion(answer) {
  endIfLimited(answer);
  check(answer, {
    'is a chat completion': isCompletion,
    'has a request id': (given) => header(given, 'X-Request-Id') !== null,
  });
}

export function endIfLimited(answer) {
  if (answer.status === 429 || answer.status === 402) {
    exec.test.abort(`The project's own limits refuse (${answer.status}): ${answer.body}. Give the project of this key room for the whole run.`);
  }
}

function noteEdgeTime(answer, tags) {
  const told = /edge;dur=([0-9.]+)/.exec(header(answer, 'Server-Timing') || '');
  if (told !== null) {
    edgeTime.add(Number(told[1]), tags);
  }
}
