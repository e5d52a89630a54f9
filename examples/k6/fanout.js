// Sends the request of `fanout-bench serve --format json > service.json` at a fixed rate.
import http from 'k6/http';
import { check } from 'k6';

const service = JSON.parse(open(__ENV.SERVICE || './service.json'));
const rate = Number(__ENV.RATE || 100);

// What was refused on purpose, with the status that serve told, is no failure.
http.setResponseCallback(http.expectedStatuses(service.expect));

export const options = {
  scenarios: {
    clients: {
      // An open loop: a slow service does not slow the clients down.
      executor: 'constant-arrival-rate',
      rate,
      timeUnit: '1s',
      duration: __ENV.DURATION || '30s',
      preAllocatedVUs: rate,
      maxVUs: 10 * rate,
    },
  },
  thresholds: { http_req_failed: ['rate==0'], dropped_iterations: ['count==0'] },
};

export default function () {
  const answer = http.request(service.method, service.url, service.body, {
    headers: { 'Content-Type': 'application/json' },
  });
  check(answer, { 'answered as at rest': (r) => r.status === service.expect });
}
