/** What the page itself can tell about times: when ink is on the grid's canvas, how long frames and tasks take. */

globalThis.clocks = (() => {
  const INK_MAX = 110;
  const tasks = [];
  new PerformanceObserver((list) => tasks.push(...list.getEntries().map(({ duration }) => duration))).observe({ type: 'longtask' });

  /** The pixels of the cell at (column, row) of those on screen; `null` while there is no canvas. */
  function pixels(x, y, width, height) {
    const canvas = document.querySelector('[data-testid=grid] canvas');
    if (!canvas || canvas.width === 0) return null;
    return canvas.getContext('2d').getImageData(x, y, width, height).data;
  }

  function inked(data) {
    for (let at = 0; at < data.length; at += 4) if (data[at] < INK_MAX && data[at + 1] < INK_MAX && data[at + 2] < INK_MAX) return true;
    return false;
  }

  /** Resolves after the first frame that has been painted and for which `test` holds. */
  function painted(test) {
    const { port1, port2 } = new MessageChannel();
    return new Promise((done) => {
      port1.onmessage = () => {
        if (!test()) return requestAnimationFrame(() => port2.postMessage(null));
        port1.close();
        done(performance.timeOrigin + performance.now());
      };
      requestAnimationFrame(() => port2.postMessage(null));
    });
  }

  /** Presses a link of the side bar; milliseconds until rows are painted and until all are there, and tasks beyond 50 ms. */
  async function open(link, rows) {
    tasks.length = 0;
    const begun = performance.timeOrigin + performance.now();
    document.querySelector(`[data-testid="${link}"]`).click();
    const summary = () => document.querySelector('[data-testid=summary]')?.textContent;
    await painted(() => summary() !== undefined && (pixels(50, 40, 120, 24)?.length ?? 0) > 0 && inked(pixels(50, 40, 120, 24)));
    const first = performance.timeOrigin + performance.now() - begun;
    const all = (await painted(() => summary() === rows)) - begun;
    return { first, all, tasks: [...tasks] };
  }

  /** Scrolls by `px` at every frame for `frames` frames; the lengths of the frames. */
  function scroll(px, frames) {
    const scroller = document.querySelector('.dvn-scroller');
    const lengths = [];
    return new Promise((done) => {
      let last = 0;
      const step = (now) => {
        if (last > 0) lengths.push(now - last);
        last = now;
        if (lengths.length >= frames) return done(lengths);
        const end = scroller.scrollHeight - scroller.clientHeight;
        scroller.scrollTop = scroller.scrollTop + px > end ? 0 : scroller.scrollTop + px;
        requestAnimationFrame(step);
      };
      requestAnimationFrame(step);
    });
  }

  /** Begins to watch a rectangle of the canvas; `changed` then says when it was painted anew. */
  let change = null;
  function watch(x, y, width, height) {
    const before = pixels(x, y, width, height).join();
    change = painted(() => pixels(x, y, width, height)?.join() !== before);
  }

  /** Remembers when Enter is pressed. */
  let pressed = 0;
  addEventListener('keydown', ({ key }) => key === 'Enter' && (pressed = performance.timeOrigin + performance.now()), true);

  return { open, scroll, watch, changed: () => change, pressed: () => pressed };
})();
