// Floods one project and checks that the number of admitted requests equals the bucket's content plus its refill. All values come from the
// headers. Nobody else may use the project meanwhile. The bucket must run empty, so its size must be below what this script can request.
import http from 'k6/http';
import { check, sleep } from 'k6';
import { base, chat, header, json, number, params } from './lib.js';

const seconds = number('SECONDS', 15);
const parallel = number('PARALLEL', 30);
// Tolerance beyond the rounding of headers to whole requests and milliseconds.
const tolerance = number('TOLERANCE', 0.02);

export const options = {
  vus: 1,
  iterations: 1,
  batch: parallel,
  batchPerHost: parallel,
  thresholds: { checks: ['rate==1'], http_req_failed: ['rate==0'] },
};

export default function () {
  const start = Date.now();
  const first = ask(1)[0];
  const begun = Date.now();
  if (!check(first, { 'requests are limited': (answer) => header(answer, 'x-ratelimit-limit-requests') !== null })) {
    console.error(`The project has no limit of requests, or the key no way in (${first.status}): ${first.body}`);
    return;
  }
  checkHeaders(first);
  const held = limited(first) ? 0 : remaining(first) + 1;
  const capacity = Number(header(first, 'x-ratelimit-limit-requests'));

  let admitted = limited(first) ? 0 : 1;
  let untilFull = 0;
  let lastSent = begun;
  let refusal = null;
  while (Date.now() - begun < seconds * 1000) {
    sleep(0.01);
    lastSent = Date.now();
    const answers = ask(parallel);
    const refused = answers.filter(limited);
    admitted += answers.length - refused.length;
    refusal = refused.length > 0 ? refused[refused.length - 1] : null;
    // The response with the emptiest bucket gives the most exact refill rate.
    refused.forEach((answer) => {
      untilFull = Math.max(untilFull, goSeconds(header(answer, 'x-ratelimit-reset-requests')));
    });
  }
  const end = Date.now();

  if (!check(refusal, { 'the bucket runs empty': (answer) => answer !== null })) {
    console.error('Nothing was refused at the end: lower the limits of the project, or raise PARALLEL.');
    return;
  }
  checkHeaders(refusal);
  checkRefusal(refusal);

  // Plus or minus one request at either end, because headers round the balance to a whole number.
  const perSecond = capacity / untilFull;
  const least = held - 1 + (perSecond * (lastSent - begun)) / 1000;
  const most = Math.min(capacity, held + 1) + (perSecond * (end - start)) / 1000;
  console.log(`admitted ${admitted}; a bucket of ${capacity} that held ${held} and gains ${perSecond.toFixed(3)} a second allows ${least.toFixed(1)} to ${most.toFixed(1)}`);
  check(admitted, {
    'no more is admitted than the bucket allows': (count) => count <= most * (1 + tolerance),
    'no less is admitted than the bucket allows': (count) => count >= least * (1 - tolerance),
  });

  checkWait();
}

function ask(count) {
  const request = ['POST', `${base}/v1/chat/completions`, chat({ max_tokens: 1 }), params({}, [200, 429])];
  return http.batch(Array(count).fill(request));
}

/** Refused by the edge, not by the provider behind it. */
function limited(answer) {
  return answer.status === 429 && header(answer, 'X-Cencori-Limited-By') === null;
}

function remaining(answer) {
  return Number(header(answer, 'x-ratelimit-remaining-requests'));
}

function checkHeaders(answer) {
  const whole = (name) => /^\d+$/.test(header(answer, name) || '');
  check(answer, {
    'X-RateLimit-* are whole numbers': () => whole('X-RateLimit-Limit') && whole('X-RateLimit-Remaining') && whole('X-RateLimit-Reset'),
    'X-RateLimit-Reset is a time in milliseconds': () => Number(header(answer, 'X-RateLimit-Reset')) > 1e12,
    'x-ratelimit-*-requests say the same': () => header(answer, 'x-ratelimit-limit-requests') === header(answer, 'X-RateLimit-Limit')
      && header(answer, 'x-ratelimit-remaining-requests') === header(answer, 'X-RateLimit-Remaining'),
    'x-ratelimit-reset-requests is a duration': () => goSeconds(header(answer, 'x-ratelimit-reset-requests')) >= 0,
    'no more remains than the limit': () => remaining(answer) <= Number(header(answer, 'x-ratelimit-limit-requests')),
  });
}

function checkRefusal(answer) {
  const error = json(answer.body).error;
  const wait = Number(header(answer, 'retry-after'));
  const milliseconds = Number(header(answer, 'retry-after-ms'));
  check(answer, {
    'the code is RATE_LIMIT_EXCEEDED': () => error.code === 'RATE_LIMIT_EXCEEDED' && error.type === 'rate_limit_error',
    'the limit is that of requests': () => error.param === 'requests',
    'nothing remains': () => remaining(answer) === 0,
    'retry-after is whole seconds, at least 1': () => Number.isInteger(wait) && wait >= 1,
    'retry-after-ms is the same, finer': () => milliseconds > 0 && milliseconds <= wait * 1000 && milliseconds > (wait - 1) * 1000 - 1,
    'clients may repeat it': () => header(answer, 'x-should-retry') !== 'false',
  });
}

function checkWait() {
  const refused = ask(parallel).filter(limited);
  if (refused.length > 0) {
    sleep(Number(header(refused[refused.length - 1], 'retry-after-ms')) / 1000);
  }
  check(ask(1)[0], { 'who waits as told is admitted': (answer) => !limited(answer) });
}

/** Seconds from a Go duration such as 120ms, 1.5s, 6m0s, 1h2m3s; otherwise NaN. */
function goSeconds(text) {
  const units = { h: 3600, m: 60, s: 1, ms: 1e-3, 'µs': 1e-6, ns: 1e-9 };
  if (!/^(\d+(\.\d+)?(h|ms|m|s|µs|ns))+$/.test(text || '')) {
    return NaN;
  }
  return text.match(/\d+(\.\d+)?(h|ms|m|s|µs|ns)/g)
    .reduce((sum, part) => sum + parseFloat(part) * units[part.replace(/[\d.]+/, '')], 0);
}
