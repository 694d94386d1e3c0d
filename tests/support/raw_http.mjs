// HTTP as strangers speak it: raw bytes over a socket, and what came back. Nothing is repaired, nothing is repeated.
import { connect } from 'node:net';

const kPatienceMs = 20000;

// Sends `bytes` (a string or pieces), reads until the other side closes or `until(text)` is true.
// → {status, text, closed, ms}: closed tells whether the other side ended the connection within the patience.
export function speak(port, bytes, { until = () => false, patience = kPatienceMs } = {}) {
  return new Promise((done) => {
    const begun = performance.now();
    let text = '';
    const socket = connect(port, '127.0.0.1');
    const end = (closed) => {
      clearTimeout(timer);
      socket.destroy();
      done({ status: Number(/^HTTP\/1\.1 (\d{3})/.exec(text)?.[1] ?? 0), text, closed, ms: performance.now() - begun });
    };
    const timer = setTimeout(() => end(false), patience);
    socket.on('data', (chunk) => {
      text += chunk.toString('latin1');
      if (until(text)) end(false);
    });
    socket.on('error', () => end(true)); // a reset is a close, too
    socket.on('close', () => end(true));
    for (const piece of [bytes].flat()) socket.write(piece, 'latin1');
  });
}

// A whole answer of a connection that stays open: head and Content-Length bytes of body.
export function whole(text) {
  const head = text.indexOf('\r\n\r\n');
  if (head < 0) return false;
  return text.length - head - 4 >= Number(/content-length: (\d+)/i.exec(text.slice(0, head))?.[1] ?? 0);
}

export function get(port, target, headers = '') {
  return speak(port, `GET ${target} HTTP/1.1\r\nHost: room\r\n${headers}\r\n`, { until: whole });
}
