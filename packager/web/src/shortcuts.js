// Keys that work wherever the focus is, except where the key already means something (a button under Space, a slider under the arrows).
const kSeekSeconds = 10;
const kVolumeStep = 0.1;

function seek(player, seconds) {
  const range = player.seekable();
  if (!range.length) return;
  const wanted = player.currentTime() + seconds;
  if (seconds > 0 && wanted >= range.end(0)) player.liveTracker.seekToLiveEdge();
  else player.currentTime(Math.max(wanted, range.start(0)));
}

function volume(player, step) {
  player.muted(false);
  player.volume(Math.min(1, Math.max(0, player.volume() + step)));
}

const kActions = {
  ' ': (player) => (player.paused() ? player.play() : player.pause()),
  k: (player) => (player.paused() ? player.play() : player.pause()),
  l: (player) => player.liveTracker.seekToLiveEdge(),
  arrowleft: (player) => seek(player, -kSeekSeconds),
  arrowright: (player) => seek(player, kSeekSeconds),
  arrowup: (player) => volume(player, kVolumeStep),
  arrowdown: (player) => volume(player, -kVolumeStep),
  m: (player) => player.muted(!player.muted()),
  f: (player) => (player.isFullscreen() ? player.exitFullscreen() : player.requestFullscreen()),
};

function taken(event) {
  if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey) return true;
  const widget = event.target.closest?.('button, summary, a, input, select, [role="slider"], [role^="menuitem"]');
  return Boolean(widget) && (event.key === ' ' || event.key === 'Enter' || event.key.startsWith('Arrow'));
}

// allowed() → whether there is anything to play just now.
export function listenToKeys(player, allowed) {
  document.addEventListener('keydown', (event) => {
    const action = kActions[event.key.toLowerCase()];
    if (!action || taken(event) || !allowed()) return;
    event.preventDefault();
    player.userActive(true);
    action(player);
  });
}

export function keyHelp(texts) {
  return [
    [`${texts.keySpace}, K`, texts.keyPlay],
    ['L', texts.keyLive],
    ['← →', texts.keySeek],
    ['↑ ↓', texts.keyVolume],
    ['M', texts.keyMute],
    ['F', texts.keyFullscreen],
  ];
}
