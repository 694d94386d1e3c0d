// A plain HTTP client for tests: keeps connections, repeats nothing by itself, and says how a request failed.
import { Agent, request } from 'node:http';
import { gunzipSync } from 'node:zlib';

const kTimeoutMs = 15000;

export class HttpClient {
  constructor() {
    this.agent_ = new Agent({ keepAlive: true });
    this.failures = []; // {at, url, code}: ECONNREFUSED, ECONNRESET, …
  }

  // → {status, headers, body: Buffer (unzipped)}; rejects when the connection fails, which is also kept in `failures`.
  get(url, { headers = {}, method = 'GET', timeout = kTimeoutMs } = {}) {
    return new Promise((done, failed) => {
      const fail = (error) => {
        this.failures.push({ at: Date.now(), url: String(url), code: error.code ?? error.message });
        failed(error);
      };
      const call = request(url, { agent: this.agent_, headers, method, timeout }, (answer) => {
        const chunks = [];
        answer.on('data', (chunk) => chunks.push(chunk));
        answer.on('error', fail);
        answer.on('end', () => {
          const raw = Buffer.concat(chunks);
          const body = answer.headers['content-encoding'] === 'gzip' ? gunzipSync(raw) : raw;
          done({ status: answer.statusCode, headers: answer.headers, body });
        });
      });
      call.on('timeout', () => call.destroy(Object.assign(new Error(`no answer for ${timeout} ms`), { code: 'TIMEOUT' })));
      call.on('error', fail);
      call.end();
    });
  }

  close() {
    this.agent_.destroy();
  }
}
