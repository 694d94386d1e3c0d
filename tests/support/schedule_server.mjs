// Serves a schedule as a conference planner does: with an ETag, and answers 304 to who has it already. And other answers, by path.
import { createServer } from 'node:http';

export class ScheduleServer {
  static async start() {
    const server = new ScheduleServer();
    server.server_ = createServer((request, answer) => server.answer_(request, answer));
    await new Promise((done) => server.server_.listen(0, '127.0.0.1', done));
    server.url = `http://127.0.0.1:${server.server_.address().port}`;
    return server;
  }

  constructor() {
    this.text = '';
    this.fails = false; // 500 from now on
    this.asked = 0;
    this.unchanged = 0; // answers with 304
  }

  answer_(request, answer) {
    if (request.url === '/loop') return answer.writeHead(302, { location: '/loop' }).end();
    if (request.url === '/file') return answer.writeHead(302, { location: 'file:///etc/passwd' }).end();
    if (request.url === '/large') return this.large_(answer);
    this.asked += 1;
    if (this.fails) return answer.writeHead(500).end('the planner is down');
    const etag = `"${Buffer.from(this.text).length}-${[...this.text].reduce((sum, one) => (sum * 31 + one.codePointAt(0)) >>> 0, 7)}"`;
    if (request.headers['if-none-match'] === etag) {
      this.unchanged += 1;
      return answer.writeHead(304, { etag }).end();
    }
    return answer.writeHead(200, { etag, 'content-type': 'application/json' }).end(this.text);
  }

  // More than the 20 MB that are read, without a length in front.
  large_(answer) {
    answer.writeHead(200, { 'content-type': 'application/json' });
    const block = Buffer.alloc(1 << 20, 0x20);
    const send = (left) => {
      if (left === 0 || answer.destroyed) return answer.end();
      return answer.write(block) ? send(left - 1) : answer.once('drain', () => send(left - 1));
    };
    send(30);
  }

  close() {
    this.server_.closeAllConnections?.();
    this.server_.close();
  }
}
