// One request of each kind: checks that the edge works and that this key may use it.
import http from 'k6/http';
import { check } from 'k6';
import { base, chat, checkCompletion, endIfLimited, header, json, key, params, post } from './lib.js';
import { problemOf } from './events.js';

export const options = {
  vus: 1,
  iterations: 1,
  thresholds: { checks: ['rate==1'], http_req_failed: ['rate==0'] },
};

const embeddingModel = __ENV.EMBEDDING_MODEL || 'text-embedding-3-small';

export default function () {
  checkHealth();
  checkCompletion(post('/v1/chat/completions', chat()));
  checkStream();
  checkEmbeddings();
  checkModels();
  checkWrongKey();
  checkMetrics();
}

function checkHealth() {
  const answer = http.get(`${base}/v1/health`);
  check(answer, { 'health is ok': () => answer.status === 200 && json(answer.body).status === 'ok' });
}

function checkStream() {
  const answer = post('/v1/chat/completions', chat({ stream: true }));
  endIfLimited(answer);
  const problem = answer.status === 200 ? problemOf(answer.body, false) : `status ${answer.status}`;
  if (problem !== null) {
    console.error(`The stream: ${problem}`);
  }
  check(answer, {
    'streams an event stream': () => (header(answer, 'Content-Type') || '').indexOf('text/event-stream') === 0,
    'streams to [DONE]': () => problem === null,
  });
}

function checkEmbeddings() {
  const answer = post('/v1/embeddings', JSON.stringify({ model: embeddingModel, input: ['one', 'two'] }));
  endIfLimited(answer);
  const body = json(answer.body);
  check(answer, {
    'embeds': () => answer.status === 200 && body.object === 'list' && body.data.length === 2 && body.data[1].index === 1 && body.data[1].embedding.length > 0,
  });
}

function checkModels() {
  const answer = http.get(`${base}/v1/models`, params());
  const body = json(answer.body);
  check(answer, {
    'lists models': () => answer.status === 200 && body.object === 'list' && body.data.length > 0
      && body.data.every((each) => each.id && each.object === 'model' && each.created >= 0 && each.owned_by),
  });
}

function checkWrongKey() {
  const wrong = `csk_${'0123456789abcdef'.repeat(3)}`;
  const answer = http.post(`${base}/v1/chat/completions`, chat(), params({ name: 'wrong key' }, [401], wrong));
  const body = json(answer.body);
  check(answer, {
    'refuses a wrong key with 401 INVALID_API_KEY': () => answer.status === 401 && body.error.code === 'INVALID_API_KEY' && body.error.type === 'authentication_error',
    'tells clients not to repeat a wrong key': () => header(answer, 'x-should-retry') === 'false',
  });
}

function checkMetrics() {
  const isSecret = key.indexOf('csk_') === 0;
  const answer = http.get(`${base}/v1/metrics?period=1h`, params({ name: '/v1/metrics' }, isSecret ? [200] : [403]));
  if (!isSecret) {
    check(answer, { 'metrics are for secret keys': () => answer.status === 403 });
    return;
  }

  const body = json(answer.body);
  check(answer, {
    'metrics are told': () => answer.status === 200 && body.period === '1h'
      && has(body.requests, 'error,filtered,success,success_rate,total')
      && has(body.cost, 'average_per_request_usd,total_usd')
      && has(body.tokens, 'completion,prompt,total')
      && has(body.latency, 'avg_ms,p50_ms,p90_ms,p99_ms'),
  });
}

function has(object, names) {
  return Object.keys(object).sort().join() === names;
}
