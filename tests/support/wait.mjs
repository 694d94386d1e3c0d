// Waiting the only way tests may: for a predicate, with a deadline, saying what for.
const kEveryMs = 50;

export const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

// Resolves with the first truthy value of predicate() (sync or async; a throw counts as "not yet" and is told at the deadline).
export async function until(what, predicate, { within = 10000, every = kEveryMs } = {}) {
  const deadline = performance.now() + within;
  let last;
  for (;;) {
    try {
      const value = await predicate();
      if (value) return value;
      last = undefined;
    } catch (error) {
      last = error;
    }
    if (performance.now() >= deadline) throw new Error(`waited ${within} ms in vain for: ${what}${last ? ` (${last.message})` : ''}`, { cause: last });
    await sleep(every);
  }
}

// Resolves with the promise's value, or rejects with `what` when it takes longer.
export async function inTime(what, promise, within) {
  let timer;
  const late = new Promise((_, reject) => {
    timer = setTimeout(() => reject(new Error(`took longer than ${within} ms: ${what}`)), within);
  });
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
}
