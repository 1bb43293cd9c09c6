// Many concurrent streams: checks that each one is complete and when it starts. Every second stream asks for usage.
import { check } from 'k6';
import { chat, endIfLimited, header, number, post } from './lib.js';
import { problemOf } from './events.js';

export const options = {
  scenarios: {
    // The last streams may finish, however long they take.
    streams: { executor: 'constant-vus', vus: number('STREAMS', 20), duration: __ENV.DURATION || '30s', gracefulStop: '60s' },
  },
  thresholds: {
    checks: ['rate==1'],
    http_req_failed: ['rate==0'],
    // Time to first byte.
    http_req_waiting: [`p(95)<${number('FIRST_BYTE_P95_MS', 1000)}`],
  },
};

export default function () {
  const asksForUsage = __ITER % 2 === 1;
  const answer = post('/v1/chat/completions', chat(asksForUsage ? { stream: true, stream_options: { include_usage: true } } : { stream: true }));
  endIfLimited(answer);
  const problem = answer.status === 200 ? problemOf(answer.body, asksForUsage) : `status ${answer.status}`;
  if (problem !== null) {
    console.error(`A stream: ${problem}`);
  }
  check(answer, {
    'is an event stream': () => (header(answer, 'Content-Type') || '').indexOf('text/event-stream') === 0,
    'nobody on the way may hold it back': () => header(answer, 'Content-Length') === null,
    'every event is well formed, and [DONE] is the last': () => problem === null,
  });
}
