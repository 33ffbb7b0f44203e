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

  const KEYS = ['Enter', 'Tab'];
  const DRAWN_MS_MAX = 30_000;
  const sinceEpoch = (ms) => performance.timeOrigin + ms;

  /** Since when the event of the last Enter or Tab has stood in the browser's queue. */
  let pressed = 0;
  addEventListener('keydown', ({ key, timeStamp }) => KEYS.includes(key) && (pressed = sinceEpoch(timeStamp)), true);

  /** Whether a frame is being made right now. */
  let framing = false;
  const nextFrame = requestAnimationFrame.bind(globalThis);
  globalThis.requestAnimationFrame = (call) =>
    nextFrame((now) => {
      framing = true;
      try {
        call(now);
      } finally {
        framing = false;
      }
    });

  /** When the page is done with the frame that shows what has just been drawn. */
  function frameDone() {
    const { port1, port2 } = new MessageChannel();
    return new Promise((done) => {
      port1.onmessage = () => {
        port1.close();
        done(sinceEpoch(performance.now()));
      };
      const tell = () => port2.postMessage(null);
      if (framing) tell();
      else nextFrame(tell);
    });
  }

  /** The text that is waited for, and whom to tell once it is drawn. */
  let sought = null;
  const { fillText } = CanvasRenderingContext2D.prototype;
  CanvasRenderingContext2D.prototype.fillText = function (text, ...place) {
    fillText.call(this, text, ...place);
    if (text !== sought?.text) return;
    const { tell } = sought;
    sought = null;
    const drawn = sinceEpoch(performance.now());
    void frameDone().then((painted) => tell({ drawn, painted }));
  };

  /** Begins to wait for a text; `found` then says when it was drawn on a canvas, and when the frame with it was done. */
  let finding = null;
  function seek(text) {
    finding = new Promise((tell, fail) => {
      sought = { text, tell };
      setTimeout(() => fail(new Error(`"${text}" was not drawn`)), DRAWN_MS_MAX);
    });
  }

  /** How far this page's clock is from the machine's: the least of some readings at the turn of a millisecond. */
  function skew() {
    const readings = Array.from({ length: 5 }, () => {
      const before = Date.now();
      let now = before;
      while (now === before) now = Date.now();
      return sinceEpoch(performance.now()) - now;
    });
    return Math.min(...readings);
  }

  return { open, scroll, skew, seek, found: () => finding, pressed: () => pressed };
})();
