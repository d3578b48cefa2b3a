// Keeps an open page up to date: listens for saves, fetches the page again and exchanges only what has changed, so that
// scroll, focus and the mail's own scroll position stay. Without this script every link still works.

const REGIONS = ['issues', 'faults', 'line', 'toolbar', 'pane', 'findings'];
const gone = document.getElementById('gone');
let version = document.body.dataset.version;
let latest = 0;

/** Shows the page at `url`; an answer that a newer question has overtaken is dropped. */
async function show(url) {
  latest += 1;
  const mine = latest;
  const response = await fetch(url, { headers: { accept: 'text/html' } });
  const text = await response.text();
  if (mine !== latest) return;
  const next = new DOMParser().parseFromString(text, 'text/html');
  if (!next.body.dataset.version) return void location.assign(url);
  version = next.body.dataset.version;
  document.title = next.title;
  for (const id of REGIONS) await exchange(document.getElementById(id), next.getElementById(id));
}

async function exchange(old, fresh) {
  if (!old || !fresh) {
    if (old && !fresh) old.replaceChildren();
    else if (fresh && !old) place(fresh);
    return;
  }
  const frame = old.querySelector('iframe');
  const freshFrame = fresh.querySelector('iframe');
  if (frame && freshFrame) return exchangeMail(frame, freshFrame);
  if (old.outerHTML === fresh.outerHTML) return;
  const focused = old.contains(document.activeElement) ? pathOf(document.activeElement) : null;
  const { scrollTop } = old;
  old.replaceWith(document.adoptNode(fresh));
  fresh.scrollTop = scrollTop;
  if (focused) fresh.querySelector(focused)?.focus({ preventScroll: true });
}

/** A region that was not there: it stands before the next region that is. */
function place(fresh) {
  const main = document.querySelector('main');
  if (fresh.id === 'findings') main.after(document.adoptNode(fresh));
  else main.insertBefore(document.adoptNode(fresh), document.getElementById('pane'));
}

/** Puts a new mail into the frame that is there. Loading it anew would flash, and begin at the top. */
async function exchangeMail(frame, fresh) {
  const src = fresh.getAttribute('src');
  for (const name of ['width', 'class'])
    if (fresh.hasAttribute(name)) frame.setAttribute(name, fresh.getAttribute(name));
    else frame.removeAttribute(name);
  const shown = frame.dataset.src ?? frame.getAttribute('src');
  if (shown === src && frame.dataset.mark === fresh.dataset.mark) return;
  frame.dataset.src = src;
  frame.dataset.mark = fresh.dataset.mark;
  const text = await (await fetch(src)).text();
  const old = frame.contentDocument;
  if (!old?.documentElement) return void (frame.src = src);
  const top = old.scrollingElement?.scrollTop ?? 0;
  const samePlace = shown.split('?')[0] === src.split('?')[0];
  const mail = new DOMParser().parseFromString(text, 'text/html');
  old.documentElement.replaceWith(old.adoptNode(mail.documentElement));
  if (old.scrollingElement) old.scrollingElement.scrollTop = samePlace ? top : 0;
}

function pathOf(element) {
  if (element.name) return `[name="${CSS.escape(element.name)}"]`;
  const href = element.getAttribute('href');
  return href ? `[href="${CSS.escape(href)}"]` : null;
}

const events = new EventSource('/events');
events.addEventListener('version', ({ data }) => {
  gone.hidden = true;
  if (data !== version) void show(location.href).catch(() => {});
});
events.addEventListener('error', () => {
  gone.hidden = false;
});

/** Links within the preview exchange parts of the page; the browser's own way would lose the mail's place. */
document.addEventListener('click', (event) => {
  const link = event.target.closest?.('a[href]');
  if (
    !link ||
    event.defaultPrevented ||
    event.ctrlKey ||
    event.metaKey ||
    event.shiftKey ||
    event.button !== 0
  )
    return;
  if (
    link.origin !== location.origin ||
    link.hasAttribute('download') ||
    link.getAttribute('href').startsWith('#')
  )
    return;
  event.preventDefault();
  void go(link.href);
});

document.addEventListener('submit', (event) => {
  event.preventDefault();
  void go(`${event.target.action}?${new URLSearchParams(new FormData(event.target))}`);
});

async function go(url) {
  history.pushState(null, '', url);
  await show(url).catch(() => location.assign(url));
  const target = location.hash && document.getElementById(location.hash.slice(1));
  if (target) {
    target.scrollIntoView({ block: 'center' });
    target.focus({ preventScroll: true });
  }
}

addEventListener('popstate', () => void show(location.href).catch(() => {}));

const keys = document.getElementById('keys');
document.addEventListener('keydown', (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.target.matches('input, textarea, select'))
    return;
  if (event.key === '?') return void showKeys();
  if (event.key === 'j' || event.key === 'k') return void step(event.key === 'j' ? 1 : -1);
  const target = document.querySelector(`[data-key="${CSS.escape(event.key)}"]`);
  if (!target) return;
  event.preventDefault();
  if (target.matches('input')) target.focus();
  else target.click();
});

/** The issue below or above the one that is shown. */
function step(by) {
  const links = [...document.querySelectorAll('#issues ol a')];
  const at = links.findIndex((link) => link.hasAttribute('aria-current'));
  links[Math.min(Math.max(at + by, 0), links.length - 1)]?.click();
}

function showKeys() {
  const rows = [...document.querySelectorAll('[data-key]')].map((element) => {
    const group = element.closest('[role="group"]')?.getAttribute('aria-label') ?? '';
    return [element.dataset.key, `${group} ${element.textContent.trim() || 'find a reader'}`.trim()];
  });
  keys.replaceChildren(
    ...[['j, k', 'next and previous issue'], ...rows, ['Esc', 'close this']].map(([key, words]) => {
      const line = document.createElement('p');
      const name = document.createElement('kbd');
      name.textContent = key;
      line.append(name, ` ${words}`);
      return line;
    }),
  );
  keys.showModal();
}
