// A constant load for a long time, with every fifth response a stream, to find growth. Compares the first and the last quarter.
import { check } from 'k6';
import exec from 'k6/execution';
import { chat, checkCompletion, endIfLimited, number, post } from './lib.js';
import { problemOf } from './events.js';

const rate = number('RATE', 20);
const most = number('MAX_VUS', 500);
const p95 = `p(95)<${number('P95_MS', 2000)}`;
const edge = `p(99)<${number('EDGE_P99_MS', 10)}`;

export const options = {
  scenarios: {
    soak: {
      executor: 'constant-arrival-rate',
      rate: rate,
      timeUnit: '1s',
      duration: __ENV.DURATION || '10m',
      preAllocatedVUs: Math.min(most, Math.max(10, rate * 2)),
      maxVUs: most,
    },
  },
  thresholds: {
    checks: ['rate>0.999'],
    http_req_failed: ['rate<0.001'],
    'http_req_duration{quarter:first}': [p95],
    'http_req_duration{quarter:last}': [p95],
    'edge_time{quarter:first}': [edge],
    'edge_time{quarter:last}': [edge],
    dropped_iterations: ['count==0'],
  },
};

export default function () {
  const tags = { quarter: quarter() };
  if (exec.scenario.iterationInTest % 5 > 0) {
    checkCompletion(post('/v1/chat/completions', chat(), tags));
    return;
  }

  const answer = post('/v1/chat/completions', chat({ stream: true }), tags);
  endIfLimited(answer);
  check(answer, { 'streams to [DONE]': () => answer.status === 200 && problemOf(answer.body, false) === null });
}

function quarter() {
  const progress = exec.scenario.progress;
  if (progress < 0.25) {
    return 'first';
  }
  return progress < 0.75 ? 'middle' : 'last';
}
