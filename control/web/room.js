// The room as the server tells it: the API's calls, the session of a one-time link, and the stream of changes.

const kAgainMs = [200, 500, 1000, 2000, 3000];

export async function call(path, body = {}) {
  const response = await fetch(path, {
    method: 'POST', credentials: 'same-origin', headers: { 'Content-Type': 'application/json' }, body: JSON.stringify(body),
  });
  const answer = await response.json().catch(() => ({}));
  return { ok: response.ok, status: response.status, answer };
}

// The link's secret stands behind the # and is exchanged at once; it leaves the address line before it is sent.
export async function openSession() {
  const link = location.hash.slice(1);
  if (link === '') return 'none';
  history.replaceState(null, '', location.pathname);
  const { ok } = await call('/api/v1/session', { link });
  return ok ? 'opened' : 'used';
}

export async function hasAccess() {
  const response = await fetch('/api/v1/scenes', { credentials: 'same-origin', cache: 'no-store' });
  return response.ok ? (await response.json()).scenes : null;
}

// Calls `told` with the whole status after the snapshot and each change, and `happened` for each event. Comes again by
// itself, for ever; `linked` says whether it stands.
export function follow({ told, happened, linked, refused }) {
  let status = {};
  let tries = 0;
  const connect = () => {
    const socket = new WebSocket(`${location.protocol === 'https:' ? 'wss' : 'ws'}://${location.host}/api/v1/events`);
    let next = null;
    socket.onmessage = ({ data }) => {
      const message = JSON.parse(data);
      if (message.type !== 'snapshot' && message.seq !== next) return socket.close(); // a gap: the whole anew
      next = message.seq + 1;
      if (message.type === 'snapshot') {
        tries = 0;
        linked(true);
        status = message.status;
        happened(message.events, true);
      } else if (message.type === 'change') {
        status = { ...status, ...message.status };
      } else {
        return happened([message.event], false);
      }
      told(status);
    };
    socket.onclose = async () => {
      linked(false);
      tries += 1;
      if (tries % 5 === 0 && (await hasAccess().catch(() => [])) === null) return refused();
      setTimeout(connect, kAgainMs[Math.min(tries, kAgainMs.length) - 1]);
    };
  };
  connect();
}
