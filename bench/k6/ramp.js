// A rising rate of chat completions, to find the rate at which latency suffers. Requests start on schedule, however slow the responses are.
import { chat, checkCompletion, number, post } from './lib.js';

const rate = number('RATE', 50);
const most = number('MAX_VUS', 500);

export const options = {
  scenarios: {
    ramp: {
      executor: 'ramping-arrival-rate',
      startRate: Math.max(1, Math.round(rate / 10)),
      timeUnit: '1s',
      preAllocatedVUs: Math.min(most, Math.max(10, rate)),
      maxVUs: most,
      stages: [
        { target: rate, duration: __ENV.RAMP || '30s' },
        { target: rate, duration: __ENV.HOLD || '30s' },
        { target: 1, duration: '5s' },
      ],
    },
  },
  thresholds: {
    checks: ['rate>0.999'],
    http_req_failed: ['rate<0.001'],
    http_req_duration: [`p(95)<${number('P95_MS', 1000)}`],
    edge_time: [`p(99)<${number('EDGE_P99_MS', 10)}`],
    dropped_iterations: ['count==0'],
  },
};

export default function () {
  checkCompletion(post('/v1/chat/completions', chat()));
}
